import { Command } from "commander";
import { configFlags, variableOf } from "../../config/settings.ts";
import { daemonExits } from "../exit-code-of-failure.ts";

/** The command line: a flag for each setting that has one, all of them text until the loader reads them. */
export function commandLine(): Command {
  const program = new Command("blutd")
    .description("Runs heavy work unattended; the box never runs out of memory because of it.")
    .option("-V, --version", "version, commit, and whether the files differ from it")
    .option("--check", "examine the box, say what to fix, and end without starting")
    .option("--defaults", "print a blut.toml that changes nothing and names every setting")
    .option("--json", "with --check or --defaults: one JSON value")
    .exitOverride();
  for (const { flag, summary } of configFlags()) program.option(`--${flag} <value>`, summary);
  const exits = Object.values(daemonExits).map(
    ({ code, meaning }) => `  ${code}`.padEnd(6) + meaning,
  );
  return program.addHelpText(
    "after",
    [
      "",
      "Every setting may also stand in blut.toml, or in a variable such as",
      `${variableOf("memory.budget")}; blut.toml(5) has them all.`,
      "",
      "Exit codes:",
      ...exits,
    ].join("\n"),
  );
}
