import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { errorCode, isDiskFull, isOutOfDescriptors } from "../base/system-error.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { AttemptRow } from "../store/attempts.ts";
import type { Step } from "../domain/plan.ts";
import { filledArgv, type WordPaths } from "../domain/word.ts";

/** Paths of everything one attempt leaves; the stage contract names them to the stage. */
function attemptPaths(directory: string): {
  readonly context: string;
  readonly events: string;
  readonly out: string;
} {
  return {
    context: path.join(directory, "context.json"),
    events: path.join(directory, "events.jsonl"),
    out: path.join(directory, "out"),
  };
}

/** Directory of a numbered attempt, for people to find: `<runs>/<run>/<step>/<number>`. */
export function attemptDirectory(
  runsDir: string,
  row: Pick<AttemptRow, "runId" | "step" | "number">,
): string {
  return path.join(runsDir, row.runId, row.step, String(row.number));
}

/**
 * Makes an attempt's directory, 0700, with its frozen context. A directory that is there already was
 * left by a daemon that died between the intent and the start; nothing ran in it. Fails with
 * `storage-full` (retryable) or `could-not-start`.
 */
export async function prepareDirectory(
  row: AttemptRow,
  step: Step,
): Promise<Result<void, Failure>> {
  const paths = attemptPaths(row.directory);
  const context = {
    version: 1,
    run: row.runId,
    step: row.step,
    attempt: row.id,
    number: row.number,
    argv: filledArgv(step.argv, wordPaths(row)),
    cwd: step.cwd,
    limitBytes: row.limitBytes,
    claims: step.claims,
    out: paths.out,
    events: paths.events,
  };
  try {
    await mkdir(paths.out, { recursive: true, mode: 0o700 });
    await writeFile(paths.context, `${JSON.stringify(context)}\n`, { mode: 0o600 });
    await writeFile(paths.events, "", { mode: 0o600 });
    return ok(undefined);
  } catch (error) {
    return err(cannotPrepare(row.directory, error));
  }
}

function cannotPrepare(directory: string, error: unknown): Failure {
  const message = `its directory ${directory} cannot be made (${errorCode(error) ?? String(error)})`;
  return isDiskFull(error)
    ? failure("storage-full", message, "free some disk space", { retryable: true })
    : failure("could-not-start", message, `look at the directory ${path.dirname(directory)}`, {
        retryable: isOutOfDescriptors(error),
      });
}

/** What the placeholders of its command line stand for. */
export function wordPaths(row: AttemptRow): WordPaths {
  const { context, out } = attemptPaths(row.directory);
  const checkpoints = path.join(path.dirname(row.directory), "checkpoints");
  return { inputs: {}, own: { context, out, checkpoints } };
}

/** The command's environment: the submitter's, and what the stage contract adds. */
export function stageEnvironment(
  submitted: Readonly<Record<string, string>>,
  hints: Readonly<Record<string, string>>,
  row: AttemptRow,
): Record<string, string> {
  const paths = attemptPaths(row.directory);
  return {
    // Hints come first: a submitter who set a thread count meant it.
    ...hints,
    ...submitted,
    BLUT_RUN: row.runId,
    BLUT_ATTEMPT: row.id,
    BLUT_CONTEXT: paths.context,
    BLUT_EVENTS: paths.events,
    BLUT_OUT: paths.out,
  };
}
