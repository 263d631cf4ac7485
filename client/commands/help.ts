import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { interruptedCode } from "../exit-code.ts";
import { usage } from "../refusal.ts";
import { prose } from "../render/prose.ts";
import type { Style } from "../render/style.ts";
import { defineVerb, verbs, type Act } from "../verbs.ts";

const rows = [
  ...Object.values(exitCodes),
  { code: interruptedCode, meaning: "Ctrl-C stopped looking; the run goes on" },
].sort((a, b) => a.code - b.code);

/** `help`: on everything, on a verb, or the table of exit codes. */
export function define(command: Command, act: Act): void {
  command.argument("[topic]", "a verb, or exit-codes").action((topic: string | undefined) =>
    act(command, async (session) => {
      const { output } = session;
      if (topic === "exit-codes") {
        output.answer(rows, exitCodeTable);
        return exitCodes.success.code;
      }
      const program = command.parent ?? command;
      const verb = verbs.find(({ name, alias }) => name === topic || alias === topic);
      const about = program.commands.find((each) => each.name() === verb?.name);
      if (topic !== undefined && about === undefined) {
        return session.refuse(usage(`no help on '${topic}'`, "`blutctl help` lists the verbs"));
      }
      // This verb itself is defined already: it is the one that runs.
      if (verb !== undefined && about !== undefined && about !== command) {
        await defineVerb(verb, about, act);
      }
      output.result((about ?? program).helpInformation().trimEnd());
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
