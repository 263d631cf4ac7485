import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import type { Act } from "../verb.ts";

/** `retry`: submit ended runs again; stdout is the new ids, one a line. */
export function define(command: Command, act: Act): void {
  command
    .argument("<run...>", "ids, beginnings of ids, `last`, or names")
    .action((runs: string[]) =>
      act(command, async (session) => {
        const answer = await session.link.call("run.retry", { runs });
        if (!answer.ok) return session.refuse(answer.error);
        if (session.output.json) session.output.value(answer.value);
        else session.output.result(answer.value.runs.map(({ id }) => id).join("\n"));
        return exitCodes.success.code;
      }),
    );
}
