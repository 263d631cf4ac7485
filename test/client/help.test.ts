import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { helpText } from "../../client/help-text.ts";
import { wholeTree } from "../../client/tree.ts";

const program = await wholeTree();
const every = below(program).map((command) => ({ name: nameOf(command), command }));

function below(command: Command): Command[] {
  return [command, ...command.createHelp().visibleCommands(command).flatMap(below)];
}

function nameOf(command: Command): string {
  const outer = command.parent === null ? "" : `${nameOf(command.parent)} `;
  return `${outer}${command.name()}`;
}

describe("the help of", () => {
  it.each(every)("$name fits 80 columns", ({ command }) => {
    command.configureHelp({ ...command.configureHelp(), helpWidth: 80 });
    const lines = helpText(command).split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it.each(every)("$name says what it is, and what all that it takes is", ({ command }) => {
    const takes = [...command.registeredArguments, ...command.options];
    const silent = takes.filter(({ description }) => description === "");
    expect(silent.map((each) => each.name())).toEqual([]);
    expect(command.description()).not.toBe("");
  });
});
