import path from "node:path";
import { err, ok, type Result } from "../../domain/result.ts";
import { checkpointFile } from "../../stage-events/checkpoint-file.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { StepRow } from "../../store/steps.ts";
import { checkpointDirectory } from "../attempt-directory.ts";
import type { RunBooks } from "../run-books.ts";

/**
 * The file that a new attempt goes on from, if its step has a checkpoint that is still good. What was left
 * under another key belongs to another computation: the refusal is put on record and the stage starts afresh.
 */
export async function resumeFile(books: RunBooks, row: AttemptRow): Promise<string | undefined> {
  const step = books.store.steps.get(row.runId, row.step);
  if (step?.checkpoint === undefined) return undefined;
  const good = goodCheckpoint(row, step, step.checkpoint);
  if (good.ok) return good.value;
  await books.store.write(() => {
    books.events.append("step.problem", {
      runId: row.runId,
      attemptId: row.id,
      facts: { step: row.step, number: row.number, reason: "resume-refused", detail: good.error },
    });
    return ok(undefined);
  });
  return undefined;
}

function goodCheckpoint(
  row: AttemptRow,
  step: StepRow,
  { key, file }: NonNullable<StepRow["checkpoint"]>,
): Result<string, string> {
  if (key !== (step.cacheKey ?? "")) {
    return err("the step's inputs, code or arguments are not those that it was left with");
  }
  const found = checkpointFile(homeOf(row, file), file);
  return found.ok ? ok(found.value.path) : found;
}

/** The checkpoint directory that a file is in: of this run's step, or of the run that this one repeats. */
function homeOf(row: AttemptRow, file: string): string {
  const runsDir = path.resolve(row.directory, "../../..");
  const [run = "", step = ""] = path.relative(runsDir, file).split(path.sep);
  return run === ".." ? checkpointDirectory(row) : path.join(runsDir, run, step, "checkpoints");
}
