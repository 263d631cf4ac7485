import type { Command } from "commander";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { interruptedCode } from "../exit-code.ts";
import { addExamples } from "../help-text.ts";
import { ProgressWatch } from "../progress-watch.ts";
import { escapeText } from "../render/escape.ts";
import { paintState } from "../render/outcome.ts";
import type { Style } from "../render/style.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";
import { readDuration } from "./submit-options.ts";

type Waited = MethodResult<"run.wait">;

/** One call waits so long at most, then asks again: the daemon's own cap. */
const oneCallMs = 60_000;

/** `wait`: until runs have ended; exits as the first of them that did not succeed. */
export function define(command: Command, act: Act): void {
  command.description(
    "Wait for runs to end, and exit as they did. Ctrl-C stops the waiting, never the run.",
  );
  addExamples(command, "blutctl wait last && echo done", [
    "the first of two",
    "blutctl wait --any encode train",
  ]);
  command
    .argument("<run...>", "ids, beginnings of ids, `last`, or names")
    .option("--any", "until the first of them has ended")
    .option(
      "--timeout <duration>",
      "give up after so long, such as 10m, with exit code 124",
      readDuration,
    )
    .action((runs: string[]) =>
      act(command, (session) => {
        const { any, timeout } = command.opts<{ any?: true; timeout?: number }>();
        const work = waitFor(session, runs, any === true, timeout ?? Infinity);
        return session.untilInterrupted(work, () => {
          session.output.note("stopped looking; runs go on");
          return interruptedCode;
        });
      }),
    );
}

async function waitFor(
  session: Session,
  runs: string[],
  any: boolean,
  timeoutMs: number,
): Promise<number> {
  const startedAt = performance.now();
  // What `last` or a name means is settled now, not each time the daemon is asked again.
  const named = await session.link.callPatiently("run.wait", { runs, any, waitMs: 0 });
  if (!named.ok) return session.refuse(named.error);
  const ids = named.value.runs.map(({ id }) => id);
  const progress = new ProgressWatch(session, ids);
  progress.start();
  for (;;) {
    const leftMs = timeoutMs - (performance.now() - startedAt);
    const waitMs = Math.round(Math.max(0, Math.min(oneCallMs, leftMs)));
    const answer = await session.link.callPatiently("run.wait", { runs: ids, any, waitMs });
    if (answer.ok && !answer.value.done && leftMs > oneCallMs) continue;
    progress.stop();
    if (!answer.ok) return session.refuse(answer.error);
    session.output.confirm(answer.value, waitedLines);
    return answer.value.done ? exitCodeOfAll(answer.value) : exitCodes.waitTimedOut.code;
  }
}

/** The first code that is not success: a script sees that something went wrong, and what. */
function exitCodeOfAll({ runs }: Waited): number {
  const codes = runs.map(({ exitCode }) => exitCode ?? exitCodes.success.code);
  return codes.find((code) => code !== exitCodes.success.code) ?? exitCodes.success.code;
}

function waitedLines({ runs }: Waited, style: Style): string {
  return runs
    .map(({ id, state, sentence }) => {
      return `${id} ${paintState(style, escapeText(sentence, style.unicode), state)}`;
    })
    .join("\n");
}
