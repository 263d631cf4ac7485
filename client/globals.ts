import { InvalidArgumentError, Option, type Command } from "commander";
import type { Manner } from "./output.ts";
import type { ColorChoice } from "./render/style.ts";

/** What the options that every verb has were set to. */
export interface Globals extends Manner {
  readonly socket: string | undefined;
}

/** Adds the options that every verb has, under their own heading of its help. */
export function addGlobals(command: Command): Command {
  const color = new Option("--color <when>", "colours: auto, always or never").argParser(readColor);
  const options = [
    new Option("--json", "answer with one JSON value on stdout; events with one a line"),
    new Option("--quiet", "no notes and no confirmations"),
    color,
    new Option(
      "--socket <path>",
      "the daemon's socket (else BLUT_SOCKET, else where it should be)",
    ),
  ];
  for (const option of options) command.addOption(option.helpGroup("Everywhere:"));
  // Under the same heading, so that a verb without options of its own shows none.
  return command.addHelpOption(new Option("-h, --help", "this help").helpGroup("Everywhere:"));
}

/** Reads them, wherever on the line they were given. */
export function readGlobals(command: Command): Globals {
  const options = command.optsWithGlobals<{
    json?: true;
    quiet?: true;
    color?: ColorChoice;
    socket?: string;
  }>();
  return {
    json: options.json === true,
    quiet: options.quiet === true,
    color: options.color ?? "auto",
    socket: options.socket,
  };
}

function readColor(text: string): ColorChoice {
  if (text === "auto" || text === "always" || text === "never") return text;
  throw new InvalidArgumentError(`expected auto, always or never, got ${JSON.stringify(text)}`);
}
