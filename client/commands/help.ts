import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { interruptedCode } from "../exit-code.ts";
import { helpText } from "../help-text.ts";
import { usage } from "../refusal.ts";
import { prose } from "../render/prose.ts";
import type { Style } from "../render/style.ts";
import type { Act, FindVerb } from "../verb.ts";

const rows = [
  ...Object.values(exitCodes),
  { code: interruptedCode, meaning: "Ctrl-C stopped looking; the run goes on" },
].sort((a, b) => a.code - b.code);

/** `help`: on everything, on a verb, or the table of exit codes. */
export function define(command: Command, act: Act, find: FindVerb): void {
  command.argument("[topic...]", "a verb, or exit-codes").action((topics: string[]) =>
    act(command, async (session) => {
      const [topic, ...inner] = topics;
      const { output } = session;
      if (topic === "exit-codes") {
        output.answer(rows, exitCodeTable);
        return exitCodes.success.code;
      }
      // This verb itself is defined already: it is the one that runs.
      const isSelf = topic === command.name();
      const verb = topic === undefined ? command.parent : isSelf ? command : await find(topic);
      const about = inner.reduce<Command | null | undefined>(
        (outer, name) => outer?.commands.find((each) => each.name() === name),
        verb,
      );
      if (about == null) {
        return session.refuse(
          usage(`no help on '${topics.join(" ")}'`, "`blutctl help` lists the verbs"),
        );
      }
      const text = helpText(about).trimEnd();
      if (output.json) output.value({ help: text });
      else output.result(text);
      return exitCodes.success.code;
    }),
  );
}

function exitCodeTable(table: typeof rows, style: Style): string {
  const own = {
    code: "1-255",
    meaning: "the command's own, from `run` and `wait`, when it has one",
  };
  return [own, ...table]
    .map(({ code, meaning }) => `${String(code).padStart(5)}  ${prose(style, meaning, 7)}`)
    .join("\n");
}
