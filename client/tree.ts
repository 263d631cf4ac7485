import { Command, CommanderError } from "commander";
import { addGlobals } from "./globals.ts";
import type { Act, FindVerb, Verb } from "./verb.ts";
import { completeVerb, verbs } from "./verbs.ts";

/** Commander's word for what is thrown then: only at the top is there time to ask git. */
export const versionAsked = "blutctl.version";

/** The tree of verbs, and how to get one with everything it takes. */
export interface Tree {
  readonly program: Command;
  readonly find: FindVerb;
}

/** The tree of these verbs; what a verb takes is loaded when it is the one that is used. */
export function buildTree(listed: readonly Verb[], act: Act): Tree {
  const program = new Command("blutctl")
    .description("Ask blutd, the daemon that runs heavy work and never runs the box out of memory.")
    .usage("[options] [verb]")
    .option("-V, --version", "version, commit, and whether the files differ from it")
    .on("option:version", () => {
      throw new CommanderError(0, versionAsked, "");
    })
    .addHelpText("after", "\nWithout a verb: the status at a glance.")
    .enablePositionalOptions()
    .exitOverride()
    .helpCommand(false)
    .configureHelp({ subcommandTerm: termOf })
    .configureOutput({ outputError: () => undefined })
    .hook("preSubcommand", async (_, command) => {
      await find(command.name());
    });
  for (const { name, alias, summary, group } of listed) {
    const command = program.command(name).summary(summary).description(summary).helpGroup(group);
    if (alias !== undefined) command.alias(alias);
  }
  program.command(completeVerb.name, { hidden: true });
  const find: FindVerb = async (name) => {
    const command = program.commands.find(
      (each) => each.name() === name || each.aliases().includes(name),
    );
    const verb = [completeVerb, ...listed].find((each) => each.name === command?.name());
    const file = await verb?.load();
    if (command !== undefined) file?.define(command, act, find);
    // Last, so that a verb's own options come first in its help.
    return command === undefined ? undefined : addGlobals(command);
  };
  return { program: addGlobals(program), find };
}

/** Every verb with everything it takes, to be read and not run: the man page is made of it. */
export async function wholeTree(): Promise<Command> {
  const { program, find } = buildTree(verbs, () => Promise.resolve());
  for (const { name } of verbs) await find(name);
  return program;
}

/** A verb in a list: its names and what it cannot do without; its own help has the rest, and 80 cells are few. */
function termOf(command: Command): string {
  const needed = command.registeredArguments.filter(({ required }) => required);
  const names = [command.name(), ...command.aliases()].join("|");
  return [names, ...needed.map((each) => `<${each.name()}>`)].join(" ");
}
