import type { EventEmitter } from "node:events";
import type { Command } from "commander";

/** A command line, or what it is for and the line. */
export type Example = string | readonly [why: string, line: string];

/** Adds examples to a verb's help, and so to its part of the man page. */
export function addExamples(command: Command, ...examples: readonly Example[]): Command {
  const lines = examples.flatMap((each) =>
    typeof each === "string" ? [each] : [`# ${each[0]}`, each[1]],
  );
  const title = examples.length === 1 ? "Example:" : "Examples:";
  return command.addHelpText("after", ["", title, ...lines.map((line) => `  ${line}`)].join("\n"));
}

/** What a command's help says below its lists: examples, and what else was added. */
export function textAfterHelp(command: Command): string {
  const parts: string[] = [];
  // Commander keeps these texts as listeners, and its types do not say that it is an emitter.
  const write = (text: string): void => {
    parts.push(text);
  };
  const emitter = command as unknown as EventEmitter;
  emitter.emit("afterHelp", { error: false, command, write });
  return parts.join("");
}

/** The whole help of a command, as `--help` prints it. */
export function helpText(command: Command): string {
  return `${command.helpInformation()}${textAfterHelp(command)}`;
}
