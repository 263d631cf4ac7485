import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import type { Act } from "../verb.ts";

/** `schedule fire`: start it now; stdout is the run id alone. */
export function define(command: Command, act: Act): void {
  command.argument("<name>", "as `schedule list` shows it").action((name: string) =>
    act(command, async (session) => {
      const answer = await session.link.call("schedule.fire", { name });
      if (!answer.ok) return session.refuse(answer.error);
      const { output } = session;
      if (output.json) output.value(answer.value);
      else output.result(answer.value.runId);
      return exitCodes.success.code;
    }),
  );
}
