import type { Command } from "commander";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import type { Act } from "../verb.ts";

/** `cancel`: end runs, queued or running. */
export function define(command: Command, act: Act): void {
  command.description(
    "End runs. One that waits ends at once; one that runs gets SIGTERM, time to clean up, then SIGKILL.",
  );
  addExamples(command, "blutctl cancel --reason 'wrong data' last", "blutctl cancel all");
  command
    .argument("<run...>", "ids, beginnings of ids, `last`, names, or `all`")
    .option("--reason <text>", "why, for the record")
    .option("--now", "do not let them clean up: SIGKILL at once")
    .action((runs: string[]) =>
      act(command, async (session) => {
        const { reason, now } = command.opts<{ reason?: string; now?: true }>();
        const why = reason === undefined ? {} : { reason };
        const answer = await session.link.call("run.cancel", { runs, now: now === true, ...why });
        if (!answer.ok) return session.refuse(answer.error);
        session.output.confirm(answer.value, cancelled);
        const none = answer.value.cancelled.length + answer.value.stopping.length === 0;
        return none ? exitCodes.nothingMatched.code : exitCodes.success.code;
      }),
    );
}

function cancelled({ cancelled, stopping }: MethodResult<"run.cancel">): string {
  const lines = [
    ...cancelled.map((id) => `${id} cancelled before it started`),
    ...stopping.map((id) => `${id} is being stopped`),
  ];
  return lines.length === 0
    ? "Nothing to cancel: none of these is queued or running."
    : lines.join("\n");
}
