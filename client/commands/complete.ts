import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { complete } from "../completion.ts";
import { escapeText } from "../render/escape.ts";
import type { Act, FindVerb } from "../verb.ts";

/**
 * `__complete`, which the completion scripts call: the words of the line so far go in, candidates come
 * out as `value TAB description`, and last what the shell should offer itself.
 */
export function define(command: Command, act: Act, find: FindVerb): void {
  command
    .argument("[words...]")
    .passThroughOptions()
    .action((words: string[]) =>
      act(command, async (session) => {
        const program = command.parent ?? command;
        const names = program.commands.flatMap((each) => [each.name(), ...each.aliases()]);
        const named = words.slice(0, -1).find((word) => names.includes(word));
        if (named !== undefined && named !== command.name()) await find(named);
        const { candidates, also } = await complete(program, words, session.link);
        const lines = candidates.map(
          ({ value, about }) => `${escapeText(value, true)}\t${escapeText(about, true)}`,
        );
        session.output.result([...lines, `:${also}`].join("\n"));
        return exitCodes.success.code;
      }),
    );
}
