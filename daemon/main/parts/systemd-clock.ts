import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import { digestOf } from "../../base/digest.ts";
import { failure, type Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Manager } from "../../systemd/manager.ts";
import type { SystemdError } from "../../systemd/systemd-error.ts";
import { transientTimer } from "../../systemd/timer/transient-timer.ts";
import { startTimeoutMs, timerStem, type TimerSpec } from "../../timers/other-clock/timer-text.ts";
import type { OtherClock } from "../../timers/other-clock/handover.ts";

/** How a unit of systemd calls this daemon. */
export interface Caller {
  /** Starts blutctl. */
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

/** The blutctl that belongs to this blutd: that of the checkout, of the npm package or of the box. */
export function callerOf(socket: string): Caller {
  const env = { BLUT_SOCKET: socket };
  const here = path.dirname(realpathSync(process.argv[1] ?? "."));
  const beside = ["../../client/blutctl.ts", "../client/blutctl.js"].map((each) =>
    path.resolve(here, each),
  );
  const found = here.startsWith("/usr/lib/blut/") ? undefined : beside.find(existsSync);
  return { argv: found === undefined ? ["/usr/bin/blutctl"] : [process.execPath, found], env };
}

/**
 * systemd's timers as a clock that goes on while no daemon runs. A timer is known by its name, and by its
 * description for which daemon and with which rule it was made.
 */
export class SystemdClock implements OtherClock {
  readonly #manager: Manager;
  readonly #caller: Caller;
  readonly #socket: string;

  constructor(manager: Manager, socket: string, caller: Caller) {
    this.#manager = manager;
    this.#socket = socket;
    this.#caller = caller;
  }

  async hold(spec: TimerSpec): Promise<Result<void, Failure>> {
    const stem = timerStem(spec.name);
    const listed = await this.#manager.listUnits([`${stem}.timer`]);
    if (!listed.ok) return refused(spec.name, listed.error);
    const tag = digestOf([spec, this.#caller]).slice(0, 12);
    const description = `Timer of schedule ${spec.name} for ${this.#mark()}${tag})`;
    const [found] = listed.value;
    if (found?.description === description && found.activeState === "active") return ok(undefined);
    if (found !== undefined) {
      if (!this.#isOurs(found.description)) {
        return err(someoneElse(`${stem}.timer`, spec.name));
      }
      const released = await this.release(spec.name);
      if (!released.ok) return released;
    }
    const { argv, env } = this.#caller;
    const { calendar, jitterMs } = spec;
    const words = [...argv, "schedule", "fire", "--due", spec.name] as const;
    const about = { stem, description, calendar, jitterMs, env, startTimeoutMs };
    const unit = transientTimer({ ...about, argv: [argv[0], ...words.slice(1)] });
    const made = await this.#manager.startTransientUnit(unit);
    return made.ok ? ok(undefined) : refused(spec.name, made.error);
  }

  /** The service may be what calls us just now: it ends by itself, and goes with its timer. */
  async release(name: string): Promise<Result<void, Failure>> {
    const unit = `${timerStem(name)}.timer`;
    const listed = await this.#manager.listUnits([unit]);
    if (!listed.ok) return refused(name, listed.error);
    const [found] = listed.value;
    if (found === undefined || !this.#isOurs(found.description)) return ok(undefined);
    const stopped = await this.#manager.stopUnit(unit);
    if (!stopped.ok) return refused(name, stopped.error);
    await this.#manager.resetFailedUnit(`${timerStem(name)}.service`);
    return ok(undefined);
  }

  async names(): Promise<Result<readonly string[], Failure>> {
    const stem = timerStem("");
    const listed = await this.#manager.listUnits([`${stem}*.timer`]);
    if (!listed.ok) return refused("", listed.error);
    const ours = listed.value.filter(({ description }) => this.#isOurs(description));
    return ok(ours.map(({ name }) => name.slice(stem.length, -".timer".length)));
  }

  #isOurs(description: string): boolean {
    return description.includes(` for ${this.#mark()}`);
  }

  #mark(): string {
    return `${this.#socket} (`;
  }
}

function refused(name: string, { message }: SystemdError): Result<never, Failure> {
  const remedy = `see: systemctl --user status ${timerStem(name)}.timer`;
  return err(
    failure("containment-unavailable", `systemd: ${message}`, remedy, { retryable: true }),
  );
}

function someoneElse(unit: string, name: string): Failure {
  return failure(
    "wrong-state",
    `${unit} is there and was not made by this daemon`,
    `stop it, or let it be: an instant of ${name} fires once, whoever calls first`,
  );
}
