import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import type { Act } from "../verb.ts";
import { addSubmitOptions, toSubmitParams } from "./submit-options.ts";

/** `submit`: queue a command; stdout is the run id alone. */
export function define(command: Command, act: Act): void {
  addSubmitOptions(command)
    .addHelpText("after", "\nExample:\n  blutctl submit --name encode -- ./encode.sh big.wav")
    .action((argv: [string, ...string[]]) =>
      act(command, async (session) => {
        const params = toSubmitParams(command, argv, session.around);
        const answer = await session.link.call("run.submit", params);
        if (!answer.ok) return session.refuse(answer.error);
        const { output } = session;
        if (output.json) output.value(answer.value);
        else output.result(answer.value.id);
        if (answer.value.deduplicated) output.note("an earlier submit with this key answered");
        return exitCodes.success.code;
      }),
    );
}
