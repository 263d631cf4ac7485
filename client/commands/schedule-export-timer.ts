import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { exitCodes, makeDirectory } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import { usage } from "../refusal.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";

/** `schedule export-timer`: a timer and a service of systemd that do the same. */
export function define(command: Command, act: Act): void {
  addExamples(
    command.argument("<name>", "as `schedule list` shows it"),
    ["look at both", "blutctl schedule export-timer nightly"],
    "blutctl schedule export-timer nightly --output ~/.config/systemd/user",
    "systemctl --user daemon-reload",
    "systemctl --user enable --now blut-schedule-nightly.timer",
  )
    .addHelpText(
      "after",
      "\nThe service asks blutd for what is due, so an instant fires once, whoever looks\n" +
        "at the clock. Without files: `blutctl schedule enable NAME --via systemd`.",
    )
    .option("--output <dir>", "write both files there instead of printing them")
    .action((name: string) =>
      act(command, async (session) => {
        const answer = await session.link.call("schedule.export", { name });
        if (!answer.ok) return session.refuse(answer.error);
        const { output } = command.opts<{ output?: string }>();
        if (output !== undefined) return write(session, output, answer.value.files);
        if (session.output.json) session.output.value(answer.value);
        else session.output.result(answer.value.files.map(asText).join("\n").trimEnd());
        return exitCodes.success.code;
      }),
    );
}

type UnitFiles = readonly { readonly name: string; readonly text: string }[];

function asText({ name, text }: UnitFiles[number]): string {
  return `# ${name}\n${text}`;
}

/** Writes the files and says where they are. */
function write(session: Session, directory: string, files: UnitFiles): number {
  const { output, around } = session;
  const place = path.resolve(around.cwd(), directory);
  const written = files.map(({ name }) => path.join(place, name));
  try {
    makeDirectory(place);
    for (const { name, text } of files) writeFileSync(path.join(place, name), text);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const remedy = "give --output a directory that you may write to";
    return session.refuse(usage(`${directory}: ${error.message}`, remedy));
  }
  if (output.json) output.value({ files: written });
  else output.result(written.join("\n"));
  return exitCodes.success.code;
}
