import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { complete } from "../completion.ts";
import { escapeText } from "../render/escape.ts";
import { defineVerb, verbs, type Act } from "../verbs.ts";

/**
 * `__complete`, which the completion scripts call: the words of the line so far go in, candidates come
 * out as `value TAB description`, and last what the shell should offer itself.
 */
export function define(command: Command, act: Act): void {
  command
    .argument("[words...]")
    .passThroughOptions()
    .action((words: string[]) =>
      act(command, async (session) => {
        const program = command.parent ?? command;
        const verb = words
          .slice(0, -1)
          .map((word) => verbs.find(({ name, alias }) => name === word || alias === word))
          .find((found) => found !== undefined);
        const inner = program.commands.find((each) => each.name() === verb?.name);
        if (verb !== undefined && inner !== undefined) await defineVerb(verb, inner, act);
        const { candidates, also } = await complete(program, words, session.link);
        const lines = candidates.map(
          ({ value, about }) => `${escapeText(value, true)}\t${escapeText(about, true)}`,
        );
        session.output.result([...lines, `:${also}`].join("\n"));
        return exitCodes.success.code;
      }),
    );
}
