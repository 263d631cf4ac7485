import { sleep, type Clock } from "../../base/clock.ts";
import type { AttemptId } from "../../domain/ids.ts";
import type { Manager } from "../../systemd/manager.ts";
import type { MemoryEvents } from "../../systemd/cgroup.ts";
import { scopeName } from "../../systemd/unit-name.ts";
import { isSettled } from "../../systemd/unit-state.ts";
import type { ExitReport, ShimRecord } from "../exit-report.ts";

const firstPauseMs = 10;
const longestPauseMs = 1_000;

type Killer = NonNullable<ExitReport["killer"]>;

/**
 * Who killed, as the kernel counted it in the attempt's slice. The counts are hierarchical: an `oom` of
 * its own means that its own limit was hit; kills without one were an OOM further up, the budget's or
 * the box's.
 */
export function killerByKernel(events: MemoryEvents): Killer | undefined {
  if (events.oomKill === 0) return undefined;
  return events.oom > 0 ? "own-limit" : "box-oom";
}

/** Who killed, by systemd's word for the scope's end; the kernel's counts are taken to say nothing. */
export function killerByResult(result: string | undefined): Killer | undefined {
  if (result === "timeout") return "wall-limit";
  // systemd-oomd kills by itself, which the kernel does not count; systemd marks the scope all the same.
  return result === "oom-kill" ? "oomd" : undefined;
}

/** Whether systemd has anything to add: a success that nobody marked is a success. */
export function isUndisputed(record: ShimRecord | undefined): boolean {
  if (record?.kind !== "exited") return record?.kind === "could-not-start";
  return record.status === 0 && record.told !== true;
}

/**
 * The Result of a scope whose last process is gone; undefined for a scope that is unloaded, as all that
 * ended well are, and when systemd cannot say. systemd learns of the end when we do, so it gets a
 * moment to act on it; it sends no signal for a scope that failed and stays.
 */
export async function scopeResult(
  manager: Manager,
  clock: Clock,
  attemptId: AttemptId,
): Promise<string | undefined> {
  for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
    const unit = await manager.unit(scopeName(attemptId));
    if (!unit.ok || unit.value === "gone") return undefined;
    const isDecided = isSettled(unit.value) && unit.value.activeState !== "active";
    if (isDecided || pauseMs > longestPauseMs) return unit.value.result;
    await sleep(clock, pauseMs);
  }
}
