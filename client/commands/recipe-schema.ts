import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import type { Act } from "../verb.ts";

/** `recipe schema`: the JSON schema of recipe files, for editors. */
export function define(command: Command, act: Act): void {
  addExamples(command, "blutctl recipe schema > recipe.schema.json")
    .option("--plan", "that of plans as JSON instead")
    .action(() =>
      act(command, async (session) => {
        const { plan } = command.opts<{ plan?: true }>();
        const which = plan === true ? "plan" : "recipe";
        const answer = await session.link.call("recipe.schema", { which });
        if (!answer.ok) return session.refuse(answer.error);
        // It is JSON either way, and on its own what editors read.
        session.output.value(answer.value.schema);
        return exitCodes.success.code;
      }),
    );
}
