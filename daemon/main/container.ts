import type { Clock } from "../base/clock.ts";
import type { DaemonConfig } from "../config/config.ts";
import type { AttemptId } from "../domain/ids.ts";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { Launcher } from "../launcher/launcher.ts";
import { PollingLauncher } from "../launcher/polling-launcher.ts";
import { SystemdLauncher } from "../launcher/systemd-launcher.ts";
import { scopeName } from "../systemd/unit-name.ts";
import type { OtherClock } from "../timers/other-clock/handover.ts";
import { callerOf, SystemdClock, type Caller } from "./parts/systemd-clock.ts";
import { holdWork, openSystemd } from "./containment.ts";

/** How attempts are held on this box, opened. */
export interface Container {
  readonly launcher: Launcher;
  /** For people: how work is contained here. */
  readonly sentence: string;
  readonly isBusUp: () => boolean;
  /** Tells when systemd stops answering, and when it answers again. Returns how to stop listening. */
  readonly onBusChange: (listener: (isUp: boolean) => void) => () => void;
  /** Name of the systemd scope of an attempt, where attempts have one. */
  readonly unitOf: (attemptId: AttemptId) => string | undefined;
  /** systemd as a clock that goes on while no daemon runs, where there is systemd. */
  readonly otherClock?: OtherClock;
  /** How somebody else calls this daemon. */
  readonly caller: Caller;
  /** Changes what all work together may use; false when it stays as it was. */
  readonly holdWork: (workBytes: number) => Promise<boolean>;
  close(): void;
}

/**
 * Opens the containment that was configured, with what all work together may use; never falls back to
 * the weaker one by itself.
 */
export async function openContainer(
  config: DaemonConfig,
  workBytes: number,
  clock: Clock,
): Promise<Result<Container, Failure>> {
  const options = { clock, output: config.output };
  const caller = callerOf(config.paths.socket);
  if (config.containment === "polling") {
    return ok({
      launcher: new PollingLauncher(options),
      sentence:
        "polling: memory is sampled, and what is over its limit killed; weaker than systemd",
      isBusUp: () => true,
      onBusChange: () => () => undefined,
      unitOf: () => undefined,
      caller,
      holdWork: () => Promise.resolve(true),
      close: () => undefined,
    });
  }
  const uid = process.getuid?.() ?? 0;
  const systemd = await openSystemd({ env: process.env, uid, budgetBytes: workBytes, clock });
  if (!systemd.ok) return systemd;
  const { manager, version } = systemd.value;
  return ok({
    launcher: new SystemdLauncher({ ...options, manager, systemdVersion: version }),
    sentence: `systemd ${String(version)}: each attempt in a scope of its own, its limit kept by the kernel`,
    isBusUp: () => manager.isAttached,
    onBusChange: (listener) => manager.onAttached(listener),
    unitOf: scopeName,
    otherClock: new SystemdClock(manager, config.paths.socket, caller),
    caller,
    holdWork: async (bytes) => (await holdWork(manager, bytes)).ok,
    close: () => {
      manager.close();
    },
  });
}
