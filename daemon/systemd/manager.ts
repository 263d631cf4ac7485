import type { Clock } from "../base/clock.ts";
import { ok, type Result } from "../domain/result.ts";
import type { Bus } from "./bus.ts";
import type { BusSignal } from "./connection.ts";
import { textOf, variant, type DbusArgument } from "./dbus-value.ts";
import { UnitJobs, type JobVerdict, type UnitJobsOptions } from "./unit-jobs.ts";
import type { SystemdError } from "./systemd-error.ts";
import { SystemdLink } from "./systemd-link.ts";
import type { TransientUnit, UnitProperty } from "./transient-unit.ts";
import { unitPath } from "./unit-name.ts";
import { isSettled, unitSummary, type UnitDetails, type UnitSummary } from "./unit-state.ts";

/** What systemd answered, or why it did not do it. */
export type SystemdResult<T> = Result<T, SystemdError>;

/** Lengths in ms. */
export interface ManagerOptions extends UnitJobsOptions {
  readonly clock: Clock;
}

/**
 * systemd's manager, typed. Starts and stops answer when their job is over, not when it is queued, and
 * an answer that got lost is looked for in the unit itself before anything is said about it.
 */
export class Manager {
  readonly #bus: Bus;
  readonly #link: SystemdLink;
  readonly #jobs: UnitJobs;
  readonly #linkListeners = new Set<(isAttached: boolean) => void>();

  constructor(bus: Bus, options: ManagerOptions) {
    this.#bus = bus;
    this.#jobs = new UnitJobs((names) => this.listUnits(names), options);
    this.#link = new SystemdLink(bus, options.clock, {
      signal: (signal) => {
        this.#receive(signal);
      },
      attached: () => {
        this.#jobs.lookAgain();
        for (const listener of this.#linkListeners) listener(true);
      },
      detached: () => {
        for (const listener of this.#linkListeners) listener(false);
      },
    });
  }

  /** Whether systemd's signals reach us now; false means degraded, not broken. */
  get isAttached(): boolean {
    return this.#link.isAttached;
  }

  /** Connects and subscribes, each tried once; afterwards both come back by themselves. */
  async open(): Promise<SystemdResult<void>> {
    const connected = await this.#bus.open();
    return connected.ok ? await this.#link.open() : connected;
  }

  /** Ends the connection; calls under way settle. */
  close(): void {
    this.#link.close();
    this.#jobs.close();
    this.#bus.close();
  }

  /**
   * Hears when systemd's signals stop (false) and flow again (true). Whoever keeps a picture of the
   * units must list them again then. Returns how to stop listening.
   */
  onAttached(listener: (isAttached: boolean) => void): () => void {
    this.#linkListeners.add(listener);
    return () => this.#linkListeners.delete(listener);
  }

  /** systemd's major version, 252 for `252.39-1~deb12u1`. */
  async version(): Promise<SystemdResult<number>> {
    const reply = await this.#link.property("Manager", "Version");
    return reply.ok ? ok(Number.parseInt(textOf(reply.value[0]).replace(/^v/, ""), 10)) : reply;
  }

  /**
   * Makes a transient unit and answers once it is active. `not-done` is the only failure after a lost
   * answer that proves there is no such unit; after `outcome-unknown` there may be one.
   */
  async startTransientUnit(unit: TransientUnit): Promise<SystemdResult<void>> {
    const auxiliary = unit.auxiliary.map((each) => [each.name, assignments(each.properties)]);
    const body = [unit.name, "fail", assignments(unit.properties), auxiliary];
    return await this.#jobs.run(
      unit.name,
      () => this.#link.manager("StartTransientUnit", "ssa(sv)a(sa(sv))", body),
      startVerdict,
    );
  }

  /** Stops a unit and everything in it, thawing it where it is frozen; a unit that is gone is stopped. */
  async stopUnit(name: string): Promise<SystemdResult<void>> {
    const first = await this.#stopOnce(name);
    if (first.ok || first.error.jobResult !== "frozen") return first;
    const thawed = await this.#link.manager("ThawUnit", "s", [name]);
    return thawed.ok ? await this.#stopOnce(name) : quietWhenGone(thawed);
  }

  /** Sends a signal to every process of a unit; a unit without any is fine. */
  async killUnit(name: string, signal: number): Promise<SystemdResult<void>> {
    const killed = await this.#link.manager("KillUnit", "ssi", [name, "all", signal]);
    return quietWhenGone(killed);
  }

  /** Changes limits of a live unit, until the next boot. */
  async setUnitProperties(
    name: string,
    properties: readonly UnitProperty[],
  ): Promise<SystemdResult<void>> {
    const body = [name, true, assignments(properties)];
    const set = await this.#link.manager("SetUnitProperties", "sba(sv)", body);
    return set.ok ? ok(undefined) : set;
  }

  /** Lets go of a failed unit's Result; quiet when there is nothing to let go of. */
  async resetFailedUnit(name: string): Promise<SystemdResult<void>> {
    return quietWhenGone(await this.#link.manager("ResetFailedUnit", "s", [name]));
  }

  /** Loaded units whose names match any of these glob patterns. */
  async listUnits(patterns: readonly string[]): Promise<SystemdResult<readonly UnitSummary[]>> {
    const reply = await this.#link.manager("ListUnitsByPatterns", "asas", [[], [...patterns]]);
    if (!reply.ok) return reply;
    const rows = Array.isArray(reply.value[0]) ? reply.value[0] : [];
    return ok(rows.map(unitSummary).filter((unit) => unit !== undefined));
  }

  /**
   * A unit with its Result and cgroup. The list is asked first, because touching the object of a unit
   * that is gone makes systemd load an empty one that claims success; and LoadState is read last,
   * because such an empty unit never turns into a loaded one: if that says loaded, all of it was true.
   */
  async unit(name: string): Promise<SystemdResult<UnitDetails | "gone">> {
    const listed = await this.listUnits([name]);
    if (!listed.ok) return listed;
    const summary = listed.value[0];
    if (summary === undefined) return ok("gone");
    const path = unitPath(name);
    const isScope = name.endsWith(".scope");
    const kind = isScope ? "Scope" : "Slice";
    const [controlGroup, result, loadState] = await Promise.all([
      this.#link.property(kind, "ControlGroup", path),
      isScope ? this.#link.property(kind, "Result", path) : ok([]),
      this.#link.property("Unit", "LoadState", path),
    ]);
    if (!loadState.ok) return loadState;
    if (loadState.value[0] !== "loaded") return ok("gone");
    if (!controlGroup.ok) return controlGroup;
    if (!result.ok) return result;
    const word = textOf(result.value[0]);
    // daemon-reload keeps the failed state and forgets its Result, which reads as success afterwards.
    const isForgotten = summary.activeState === "failed" && word === "success";
    const why = isScope && !isForgotten ? { result: word } : {};
    return ok({ ...summary, ...why, controlGroup: textOf(controlGroup.value[0]) });
  }

  async #stopOnce(name: string): Promise<SystemdResult<void>> {
    const stopped = await this.#jobs.run(
      name,
      () => this.#link.manager("StopUnit", "ss", [name, "replace"]),
      stopVerdict,
    );
    return quietWhenGone(stopped);
  }

  #receive(signal: BusSignal): void {
    const { member, body } = signal;
    if (member === "JobRemoved")
      this.#jobs.removed({ job: textOf(body[1]), unit: textOf(body[2]), result: textOf(body[3]) });
  }
}

function startVerdict(unit: UnitSummary | "gone"): JobVerdict | undefined {
  if (unit === "gone") return "no-effect";
  if (!isSettled(unit)) return undefined;
  return unit.activeState === "active" ? "done" : "failed";
}

function stopVerdict(unit: UnitSummary | "gone"): JobVerdict | undefined {
  if (unit === "gone") return "done";
  if (!isSettled(unit)) return undefined;
  return unit.activeState === "active" ? "no-effect" : "done";
}

function assignments(properties: readonly UnitProperty[]): readonly DbusArgument[] {
  return properties.map(([name, signature, value]) => [name, variant(signature, value)]);
}

function quietWhenGone(result: SystemdResult<unknown>): SystemdResult<void> {
  if (result.ok || result.error.reason === "no-such-unit" || result.error.reason === "pid-gone")
    return ok(undefined);
  return result;
}
