import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { errorCode, isDiskFull, isOutOfDescriptors } from "../base/system-error.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { AttemptRow } from "../store/attempts.ts";
import type { Element, Step } from "../domain/plan.ts";
import type { StageVariable } from "../domain/stage-variables.ts";
import type { WordPaths } from "../domain/word.ts";

/** An input as its stage sees it. */
export interface ResolvedInput {
  readonly kind: string;
  readonly digest: string;
  /** Absolute. */
  readonly path: string;
}

/** Everything an attempt works on that its row and step do not say. */
export interface AttemptInputs {
  /** The whole command line. */
  readonly argv: readonly [string, ...string[]];
  /** By the input's name; one that is optional and did not come is absent. */
  readonly inputs: Readonly<Record<string, ResolvedInput>>;
  /** Of an element of a mapped step. */
  readonly element?: Element;
  /** Absolute path of the checkpoint that it goes on from. */
  readonly resume?: string;
}

/** Paths of everything one attempt leaves; the stage contract names them to the stage. */
export function attemptPaths(directory: string) {
  return {
    context: path.join(directory, "context.json"),
    events: path.join(directory, "events.jsonl"),
    out: path.join(directory, "out"),
    checkpoints: checkpointDirectory({ directory }),
  };
}

/** Where a step's attempts leave what the next one goes on from: beside them, so that it outlives each. */
export function checkpointDirectory({ directory }: Pick<AttemptRow, "directory">): string {
  return path.join(path.dirname(directory), "checkpoints");
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
  on: AttemptInputs,
): Promise<Result<void, Failure>> {
  const paths = attemptPaths(row.directory);
  const context = contextOf(row, step, on);
  try {
    await mkdir(paths.out, { recursive: true, mode: 0o700 });
    await Promise.all([
      mkdir(paths.checkpoints, { recursive: true, mode: 0o700 }),
      writeFile(paths.context, `${JSON.stringify(context)}\n`, { mode: 0o600 }),
      writeFile(paths.events, "", { mode: 0o600 }),
    ]);
    return ok(undefined);
  } catch (error) {
    return err(cannotPrepare(row.directory, error));
  }
}

/** What `context.json` says. */
function contextOf(row: AttemptRow, step: Step, on: AttemptInputs): object {
  const { events, out, checkpoints } = attemptPaths(row.directory);
  const { element, resume } = on;
  const { heartbeatMs } = step.timeouts;
  return {
    version: 1,
    run: row.runId,
    step: row.step,
    stage: step.stage,
    attempt: row.id,
    number: row.number,
    argv: on.argv,
    cwd: step.cwd,
    args: step.args,
    inputs: on.inputs,
    out,
    events,
    checkpoints,
    ...(resume !== undefined && { resume }),
    limitBytes: row.limitBytes,
    claims: step.claims,
    // What beats for the stage must beat faster than this.
    ...(heartbeatMs !== undefined && { heartbeatMs }),
    ...(element !== undefined && { map: { index: element.index, key: element.key } }),
  };
}

function cannotPrepare(directory: string, error: unknown): Failure {
  const message = `its directory ${directory} cannot be made (${errorCode(error) ?? String(error)})`;
  return isDiskFull(error)
    ? failure("storage-full", message, "free some disk space", { retryable: true })
    : failure("could-not-start", message, `look at the directory ${path.dirname(directory)}`, {
        retryable: isOutOfDescriptors(error),
      });
}

/** What the placeholders of its command line stand for; `body` is the program that runs bodies of cookbooks. */
export function wordPaths(
  row: AttemptRow,
  inputs: AttemptInputs["inputs"],
  body: string,
): WordPaths {
  const { context, out, checkpoints } = attemptPaths(row.directory);
  const paths = Object.entries(inputs).map(([name, input]) => [name, input.path] as const);
  const own = { context, out, checkpoints, node: process.execPath, body };
  return { inputs: Object.fromEntries(paths), own };
}

/** The command's environment: the submitter's, and what the stage contract adds. */
export function stageEnvironment(
  { submitted, hints }: Record<"submitted" | "hints", Readonly<Record<string, string>>>,
  step: Step,
  row: AttemptRow,
  { resume }: AttemptInputs,
): Record<string, string> {
  const paths = attemptPaths(row.directory);
  const contract: Record<Exclude<StageVariable, "BLUT_RESUME">, string> = {
    BLUT_RUN: row.runId,
    BLUT_ATTEMPT: row.id,
    BLUT_CONTEXT: paths.context,
    BLUT_EVENTS: paths.events,
    BLUT_OUT: paths.out,
    BLUT_CHECKPOINTS: paths.checkpoints,
  };
  // Hints come first: a submitter who set a thread count meant it.
  const environment: Record<string, string> = { ...hints, ...submitted, ...step.env, ...contract };
  // Never the submitter's own: a stage may submit, and what it goes on from is not ours.
  if (resume === undefined) delete environment["BLUT_RESUME"];
  else environment["BLUT_RESUME"] = resume;
  return environment;
}
