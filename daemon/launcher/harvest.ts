import type { Peaks } from "../domain/attempt.ts";
import type { AttemptId } from "../domain/ids.ts";
import { startedAt } from "./attempt-files.ts";
import type { ExitReport, ShimRecord } from "./exit-report.ts";
import { readResult } from "./result-file.ts";

/** What is known of an ended attempt besides its own files. */
export interface HarvestFacts {
  readonly directory: string;
  readonly attemptId: AttemptId;
  /** The shim's own exit status, where it was our child and no signal ended it. */
  readonly shimStatus: number | undefined;
  readonly killer: ExitReport["killer"];
  readonly peaks: Peaks;
}

/** Puts the report of an ended attempt together from its files and what its launcher saw. */
export function reportOf(facts: HarvestFacts): ExitReport {
  const at = startedAt(facts.directory);
  const record = readResult(facts.directory, facts.attemptId) ?? recordOfStatus(facts, at);
  const started = at !== undefined && record?.kind !== "could-not-start";
  return {
    ...(record !== undefined && { record }),
    started,
    ...(started && { startedAt: at }),
    ...(facts.killer !== undefined && { killer: facts.killer }),
    peaks: facts.peaks,
  };
}

/** The shim exits as the command did, so a disk too full for the record loses nothing while we live. */
function recordOfStatus(
  { shimStatus }: HarvestFacts,
  startedAtMs: number | undefined,
): ShimRecord | undefined {
  if (shimStatus === undefined || startedAtMs === undefined) return undefined;
  return { kind: "exited", status: shimStatus };
}

/** The peaks of an attempt that nobody could measure. */
export const unmeasured: Peaks = { oomEvents: 0, oomKills: 0, rodeLimit: false, leftovers: 0 };
