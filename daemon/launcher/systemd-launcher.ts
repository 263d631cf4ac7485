import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sleep } from "../base/clock.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { AttemptId } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { cgroupDirectory, readPopulated } from "../systemd/cgroup.ts";
import type { Manager, SystemdResult } from "../systemd/manager.ts";
import type { SystemdError } from "../systemd/systemd-error.ts";
import { attemptUnits, type TransientUnit } from "../systemd/transient-unit.ts";
import { attemptUnitPatterns, parseUnitName, scopeName, sliceName } from "../systemd/unit-name.ts";
import { AttemptOutput } from "./output/attempt-output.ts";
import { leftoverGraceMs, type LauncherOptions } from "./launcher-options.ts";
import type { Adoption, AdoptSpec, Launcher, LaunchSpec, LiveAttempt } from "./launcher.ts";
import { PeakMeter } from "./peak-meter.ts";
import { PollingLauncher } from "./polling-launcher.ts";
import { ageMs, recallShim } from "./process-record.ts";
import { harvestScope, ScopeAttempt } from "./scope/scope-attempt.ts";
import { abandonShim, openGate, startShim, type WaitingShim } from "./shim/shim-start.ts";
import { SpareShims } from "./shim/spare-shims.ts";

/** The same with the systemd that makes the scopes. */
export interface SystemdLauncherOptions extends LauncherOptions {
  readonly manager: Manager;
  /** The major version of that systemd. */
  readonly systemdVersion: number;
}

/** What systemd or the bus answer when nothing came of a call for certain. */
const untouched = new Set<SystemdError["reason"]>(["not-done", "bus-closed", "systemd-away"]);
/** Either is back within that long after a restart; a longer absence costs the attempt. */
const longestRestartMs = 2_000;

/**
 * Attempts in transient scopes: the kernel holds each to its limit, whether or not a daemon lives.
 * Every attempt has a slice of its own around its scope, which keeps the figures beyond the end.
 */
export class SystemdLauncher implements Launcher {
  readonly containment = "systemd";
  readonly #options: SystemdLauncherOptions;
  /** Takes over what a daemon without systemd started, to which no unit leads. */
  readonly #unscoped: PollingLauncher;
  readonly #spares: SpareShims;
  /** Ended attempts whose scopes went away by themselves, as all do that did not fail. */
  readonly #unfailed = new Set<AttemptId>();

  constructor(options: SystemdLauncherOptions) {
    this.#options = options;
    this.#unscoped = new PollingLauncher(options);
    this.#spares = new SpareShims(options.clock);
  }

  async start(spec: LaunchSpec): Promise<Result<LiveAttempt, Failure>> {
    const waiting = await startShim(spec, this.#spares);
    if (!waiting.ok) return waiting;
    const scoped = await this.#makeScope(spec, waiting.value);
    if (!scoped.ok) {
      // Its gate stays shut, so whatever systemd made of the call, the command never runs in it.
      abandonShim(waiting.value);
      return scoped;
    }
    const { shim, identity, logs } = waiting.value;
    const { clock, output } = this.#options;
    const attempt = new ScopeAttempt({
      ...this.#common(spec),
      ...{ scopeDirectory: scoped.value, sliceDirectory: dirname(scoped.value) },
      ...{ shim, shimIdentity: identity },
      output: AttemptOutput.of(clock, output, spec.directory, logs),
    });
    void attempt.ended.then(({ killer }) => {
      // Work can end well under systemd's wall limit, too: then only systemd knows that the scope failed.
      if (killer === undefined && spec.wallLimitMs === undefined)
        this.#unfailed.add(spec.attemptId);
    });
    await openGate(waiting.value);
    this.#spares.replenish();
    return ok(attempt);
  }

  async adopt(spec: AdoptSpec): Promise<Adoption> {
    const slice = spec.sameBoot
      ? await this.#answered(() => this.#options.manager.unit(sliceName(spec.attemptId)))
      : "gone";
    if (slice === "gone" || slice.controlGroup === "") return this.#unscoped.adopt(spec);
    const sliceDirectory = cgroupDirectory(slice.controlGroup);
    const common = { ...this.#common(spec), sliceDirectory };
    if (readPopulated(sliceDirectory) === true) {
      const { clock, output } = this.#options;
      const shimIdentity = recallShim(spec.directory);
      const ran = shimIdentity !== undefined && { ranMs: ageMs(shimIdentity) };
      const attempt = new ScopeAttempt({
        ...common,
        scopeDirectory: join(sliceDirectory, scopeName(spec.attemptId)),
        ...(shimIdentity !== undefined && { shimIdentity }),
        ...ran,
        output: AttemptOutput.reopen(clock, output, spec.directory),
      });
      return { kind: "live", attempt, ...ran };
    }
    const report = await harvestScope(common, new PeakMeter(spec.limitBytes), 0);
    const isUnused = !report.started && report.record === undefined && report.killer === undefined;
    if (!isUnused) return { kind: "ended", report };
    // The daemon died with the gate shut. The name must be free for whoever starts it now.
    await this.release(spec.attemptId);
    return { kind: "never-started" };
  }

  async release(attemptId: AttemptId): Promise<void> {
    const { manager } = this.#options;
    // What fails here is still in `holdings`, and is released again at the next start of the daemon.
    await manager.stopUnit(sliceName(attemptId));
    if (!this.#unfailed.delete(attemptId)) await manager.resetFailedUnit(scopeName(attemptId));
    await this.#unscoped.release(attemptId);
  }

  async holdings(): Promise<readonly AttemptId[]> {
    const units = await this.#answered(() => this.#options.manager.listUnits(attemptUnitPatterns));
    const ids = units.map(({ name }) => parseUnitName(name)?.attemptId);
    return [...new Set(ids.filter((id) => id !== undefined))];
  }

  /** Answers the scope's cgroup directory once the shim is in it and its limit in force. */
  async #makeScope(spec: LaunchSpec, { shim }: WaitingShim): Promise<Result<string, Failure>> {
    const { systemdVersion } = this.#options;
    const units = attemptUnits({
      ...{ attemptId: spec.attemptId, pid: shim.pid, description: spec.description },
      ...{ memoryMaxBytes: spec.limitBytes, stopTimeoutMs: spec.graceMs, systemdVersion },
      ...(spec.wallLimitMs !== undefined && { wallLimitMs: spec.wallLimitMs }),
    });
    const started = await this.#startUnits(spec.attemptId, units);
    if (!started.ok) {
      // A scope of that name holds another shim: it is not this call's to clear away.
      if (started.error.reason !== "unit-exists") void this.release(spec.attemptId);
      return err(refused(started.error));
    }
    const directory = directoryOfScope(shim.pid, spec.attemptId);
    if (directory !== undefined && isLimited(directory, spec.limitBytes)) return ok(directory);
    void this.release(spec.attemptId);
    return err(unlimited(spec));
  }

  /** A scope of that name which failed and stayed holds nothing: it makes room, once. */
  async #startUnits(attemptId: AttemptId, units: TransientUnit): Promise<SystemdResult<void>> {
    const { manager } = this.#options;
    const started = await this.#startUntilDone(units);
    if (started.ok || started.error.reason !== "unit-exists") return started;
    const scope = await manager.unit(units.name);
    if (!scope.ok || (scope.value !== "gone" && scope.value.activeState !== "failed"))
      return started;
    await this.release(attemptId);
    return await manager.startTransientUnit(units);
  }

  /** A bus that died or systemd's own re-exec may have swallowed the call: then it is made again. */
  async #startUntilDone(units: TransientUnit): Promise<SystemdResult<void>> {
    const { clock, manager } = this.#options;
    for (let pauseMs = 100; ; pauseMs *= 2) {
      const started = await manager.startTransientUnit(units);
      const isDecided = started.ok || !untouched.has(started.error.reason);
      if (isDecided || pauseMs > longestRestartMs) return started;
      await sleep(clock, pauseMs);
    }
  }

  #common({ attemptId, directory, limitBytes }: AdoptSpec | LaunchSpec) {
    const { clock, manager } = this.#options;
    return { clock, manager, attemptId, directory, limitBytes, leftoverGraceMs };
  }

  /**
   * Asks until systemd answers. What became of an attempt must not be guessed: a second one beside a
   * live first would be the worst of all answers.
   */
  async #answered<T>(ask: () => Promise<SystemdResult<T>>): Promise<T> {
    const { clock } = this.#options;
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5_000)) {
      const answer = await ask();
      if (answer.ok) return answer.value;
      await sleep(clock, pauseMs);
    }
  }
}

/** Where the kernel has the shim now, if that is its scope: half a millisecond less than asking systemd. */
function directoryOfScope(pid: number, attemptId: AttemptId): string | undefined {
  try {
    const place = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1] ?? "";
    return place.endsWith(`/${scopeName(attemptId)}`) ? cgroupDirectory(place) : undefined;
  } catch {
    return undefined;
  }
}

/** Read back from the kernel: systemd takes a limit that it has no controller for without a word. */
function isLimited(scopeDirectory: string, limitBytes: number): boolean {
  try {
    return Number(readFileSync(join(scopeDirectory, "memory.max"), "utf8")) <= limitBytes;
  } catch {
    return false;
  }
}

function refused(error: SystemdError): Failure {
  return failure(
    "containment-unavailable",
    `systemd made no scope: ${error.message}`,
    "blutctl doctor shows whether the bus and the user's systemd answer",
    { retryable: true, data: { reason: error.reason } },
  );
}

function unlimited({ attemptId, limitBytes }: LaunchSpec): Failure {
  return failure(
    "containment-unavailable",
    `the limit of ${attemptId} (${limitBytes} bytes) is not in force in its cgroup`,
    "blutctl doctor shows whether the memory controller is delegated to this user",
    { retryable: true },
  );
}
