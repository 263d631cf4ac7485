import { resolve } from "node:path";
import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import { readText } from "../recipe-reference.ts";
import { problemLines } from "../render/problem-lines.ts";
import type { Act } from "../verb.ts";

/** `schedule check`: every problem at once, as FILE:LINE:COL: message. */
export function define(command: Command, act: Act): void {
  command.description(
    "Tell everything that is wrong with a schedule file, or with all of them, each as FILE:LINE:COLUMN: message.",
  );
  addExamples(command, "blutctl schedule check ./nightly.toml");
  command
    .argument("[file]", "a file (else all that are in force)")
    .addHelpText("after", "\nExits 2 when something is wrong.")
    .action((word: string | undefined) =>
      act(command, async (session) => {
        let given = {};
        if (word !== undefined) {
          const file = resolve(session.around.cwd(), word);
          const text = await readText(file, word);
          if (!text.ok) return session.refuse(text.error);
          given = { file, text: text.value };
        }
        const answer = await session.link.call("schedule.check", given);
        if (!answer.ok) return session.refuse(answer.error);
        const { output } = session;
        const { files } = answer.value;
        const lines = files.flatMap(({ file, problems }) =>
          problemLines(output.style, word ?? file, problems),
        );
        if (output.json) output.value(answer.value);
        else {
          output.result(lines.join("\n"));
          if (lines.length === 0) output.note(`${word ?? counted(files.length)}: nothing is wrong`);
        }
        return lines.length === 0 ? exitCodes.success.code : exitCodes.usage.code;
      }),
    );
}

function counted(files: number): string {
  return files === 1 ? "1 file" : `${files} files`;
}
