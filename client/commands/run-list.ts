import { InvalidArgumentError, type Command } from "commander";
import { runStates, type RunState } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import { runTable } from "../render/run-table.ts";
import type { Act } from "../verb.ts";
import { readCount, readDuration } from "./submit-options.ts";

interface ListOptions {
  readonly state?: readonly RunState[];
  readonly name?: string;
  readonly since?: number;
  readonly limit?: number;
  readonly before?: string;
}

/** `runs`: runs, newest first. */
export function define(command: Command, act: Act): void {
  command.description("List runs, newest first: how they stand, their memory, and why they wait.");
  addExamples(command, "blutctl runs --state failed --since 1d", [
    "for a program",
    "blutctl runs --json --limit 1000",
  ]);
  command
    .option("--state <state>", `one of ${runStates.join(", ")}; repeatable`, readState)
    .option("--name <name>", "only those with this name")
    .option(
      "--since <duration>",
      "only those submitted since so long ago, such as 1h",
      readDuration,
    )
    .option("--limit <n>", "so many at most (default: 50)", readCount)
    .option("--before <id>", "go on after this run, the last of the page before")
    .action(() =>
      act(command, (session) => {
        const { state, name, since, limit, before } = command.opts<ListOptions>();
        const params = {
          ...(state === undefined ? {} : { states: [...state] }),
          ...(name === undefined ? {} : { name }),
          ...(since === undefined ? {} : { sinceAt: Date.now() - since }),
          ...(limit === undefined ? {} : { limit }),
          ...(before === undefined ? {} : { before }),
        };
        const isFiltered = Object.keys(params).some((key) => key !== "limit");
        return session.ask("run.list", params, (listed, style) =>
          runTable(listed, style, isFiltered),
        );
      }),
    );
}

function readState(text: string, before: readonly RunState[] = []): readonly RunState[] {
  const state = runStates.find((known) => known === text);
  if (state === undefined) {
    const states = runStates.join(", ");
    throw new InvalidArgumentError(`expected one of ${states}, got ${JSON.stringify(text)}`);
  }
  return [...before, state];
}
