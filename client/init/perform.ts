import { renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { err, makeDirectory, ok, type Result } from "../../daemon/protocol/units.ts";
import type { Refusal } from "../refusal.ts";
import { runProgram } from "./now.ts";
import type { Place } from "./place.ts";
import type { Step } from "./step.ts";

/** A user's systemd that has just been asked for takes a moment. */
const patience = { pauseMs: 250, tries: 60 };

/** How far a set-up came: so many steps are done, the rest is not. */
export interface Performed {
  readonly done: number;
  readonly refused?: Refusal;
}

/** One step after the other. One that has begun is ended, whatever is pressed meanwhile; then `stop` is looked at. */
export async function performAll(
  steps: readonly Step[],
  place: Place,
  stop: AbortSignal,
): Promise<Performed> {
  for (const [done, step] of steps.entries()) {
    if (stop.aborted) return { done };
    const result = await perform(step, place, stop);
    if (!result.ok) return { done, refused: result.error };
  }
  return { done: steps.length };
}

/** Does one step, all of it or nothing. */
async function perform(
  step: Step,
  place: Place,
  stop: AbortSignal,
): Promise<Result<void, Refusal>> {
  switch (step.kind) {
    case "run":
      return run(step.command, place, stop);
    case "write":
      return onDisk(step.file, () => {
        writeWhole(step.file, step.text);
      });
    case "remove":
      return onDisk(step.file, () => {
        rmSync(step.file, { force: true });
      });
  }
}

function writeWhole(file: string, text: string): void {
  makeDirectory(dirname(file));
  const partial = `${file}.partial`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}

function onDisk(file: string, change: () => void): Result<void, Refusal> {
  try {
    change();
    return ok(undefined);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return err(refusal("state-unsafe", why, `look at ${file}, then run \`blutctl init\` again`));
  }
}

async function run(
  command: Extract<Step, { kind: "run" }>["command"],
  place: Place,
  stop: AbortSignal,
): Promise<Result<void, Refusal>> {
  const isOfUser = command[1] === "--user";
  for (let tried = 1; ; tried++) {
    const ended = await runProgram(command, place.env);
    if (ended.ok) return ok(undefined);
    const isStarting = /Failed to connect to|No medium found|No such file/.test(ended.stderr);
    if (isOfUser && isStarting && tried < patience.tries && !stop.aborted) {
      await new Promise((resolve) => setTimeout(resolve, patience.pauseMs));
      continue;
    }
    const line = command.join(" ");
    const why = ended.stderr.trim().split("\n")[0] ?? "";
    // Only lingering is also root's to give; to root, the user's systemd is somebody else's.
    const remedy = isOfUser ? `see what it says: ${line}` : `sudo ${line}`;
    return err(
      refusal(
        "containment-unavailable",
        `${line}: ${why}`,
        `${remedy}; then run \`blutctl init\` again`,
      ),
    );
  }
}

function refusal(reason: Refusal["reason"], message: string, remedy: string): Refusal {
  return { reason, message, remedy, retryable: true };
}
