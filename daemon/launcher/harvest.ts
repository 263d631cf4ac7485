import type { AttemptId } from "../domain/ids.ts";
import { startedAt } from "./attempt-files.ts";
import { nothingKnown, type ExitReport, type ShimRecord } from "./exit-report.ts";
import type { Adoption } from "./launcher.ts";
import { readResult } from "./result-file.ts";

/** Which attempt, and where its files are. */
export interface AttemptPlace {
  readonly attemptId: AttemptId;
  readonly directory: string;
}

/** What an attempt's own files say of its end. */
export type FileFacts = Pick<ExitReport, "record" | "started" | "startedAt">;

/**
 * Reads those files. `shimStatus` is the shim's own exit status, where it was our child and no signal
 * ended it: it exits as the command did, so a disk too full for the record loses nothing while we live.
 */
export function fileFacts({ attemptId, directory }: AttemptPlace, shimStatus?: number): FileFacts {
  const at = startedAt(directory);
  const fromExit: ShimRecord | undefined =
    shimStatus === undefined || at === undefined
      ? undefined
      : { kind: "exited", status: shimStatus };
  const record = readResult(directory, attemptId) ?? fromExit;
  const started = at !== undefined && record?.kind !== "could-not-start";
  return {
    ...(record !== undefined && { record }),
    started,
    ...(started && { startedAt: at }),
  };
}

/** What became of an attempt of which nothing but its files is left. */
export function adoptionOfFiles(place: AttemptPlace): Adoption {
  const facts = fileFacts(place);
  if (facts.record !== undefined) return { kind: "ended", report: { ...nothingKnown, ...facts } };
  return { kind: facts.started ? "vanished" : "never-started" };
}
