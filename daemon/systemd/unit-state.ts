import { textOf, type DbusValue } from "./dbus-value.ts";

/** A loaded unit as systemd lists it; the words are systemd's own. */
export interface UnitSummary {
  readonly name: string;
  readonly description: string;
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  /** 0 when no job is queued for it. */
  readonly jobId: number;
}

/** A loaded unit with what only its own properties tell. */
export interface UnitDetails extends UnitSummary {
  /** Why it ended: `success`, `oom-kill`, `timeout`, ... Slices have none; a reload makes systemd forget it. */
  readonly result?: string;
  /** Below the root of the cgroup tree; empty once the cgroup is gone. */
  readonly controlGroup: string;
}

/** Reads one row of ListUnitsByPatterns; undefined for a name that is known but not loaded. */
export function unitSummary(row: DbusValue): UnitSummary | undefined {
  if (!Array.isArray(row)) return undefined;
  const [name, description, loadState, activeState, subState, , , jobId] =
    row as readonly DbusValue[];
  const summary = {
    name: textOf(name),
    description: textOf(description),
    loadState: textOf(loadState),
    activeState: textOf(activeState),
    subState: textOf(subState),
    jobId: Number(jobId),
  };
  return summary.loadState === "not-found" ? undefined : summary;
}

/** True when systemd means to do nothing more with it: it is in its final state and no job is queued. */
export function isSettled(unit: UnitSummary): boolean {
  return unit.jobId === 0 && ["active", "inactive", "failed"].includes(unit.activeState);
}
