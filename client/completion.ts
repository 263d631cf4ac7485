import type { Command, Option } from "commander";
import { runStates, type RunState } from "../daemon/protocol/units.ts";
import { recipeArguments, recipeNames } from "./recipe-completion.ts";
import type { Candidate } from "./candidate.ts";
import type { Link } from "./link.ts";
import { runSelector } from "./run-selector.ts";
import { topics } from "./topics.ts";

/** Candidates of our own, and what the shell itself should offer besides. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly also: "nothing" | "files" | "commands";
}

/** Runs offered at most: the newest. */
const mostRuns = 100;

/** What an argument or an option's value is, by the name it has in the help. */
const statesOf: Readonly<Record<string, readonly RunState[]>> = {
  cancel: ["queued", "running"],
  retry: ["succeeded", "failed", "cancelled"],
};

/**
 * What the last of these words could become. `program` is the tree with all options of the verb that
 * the words name; a daemon that does not answer offers nothing.
 */
export async function complete(
  program: Command,
  words: readonly string[],
  link: Link,
): Promise<Completion> {
  const word = words.at(-1) ?? "";
  const { command, awaits, operands } = walk(program, words.slice(0, -1));
  const position = operands.length;
  if (awaits !== undefined) {
    const values = await valuesOf(awaits, operands[0], link);
    return matching(word, values.candidates, values.also);
  }
  if (word.startsWith("-")) return matching(word, optionsOf(command));
  const inner = position === 0 ? subcommandsOf(command) : [];
  if (inner.length > 0 && command.registeredArguments.length === 0) return matching(word, inner);
  const argument = command.registeredArguments[position] ?? command.registeredArguments.at(-1);
  const isPast = argument?.variadic !== true && position >= command.registeredArguments.length;
  if (argument === undefined || isPast) return matching(word, []);
  const typed = { verb: command.name(), argument: argument.name(), operands, word };
  const found = await argumentsOf(program, typed, link);
  return matching(word, [...inner, ...found.candidates], found.also);
}

/** Goes along the words: which verb they end in, which option awaits its value, which arguments there are. */
function walk(
  program: Command,
  words: readonly string[],
): { command: Command; awaits: Option | undefined; operands: string[] } {
  let command = program;
  let awaits: Option | undefined;
  const operands: string[] = [];
  for (const word of words) {
    if (awaits !== undefined) awaits = undefined;
    else if (word.startsWith("-") && word !== "--") awaits = awaiting(command, word);
    else if (word !== "--") {
      const inner = command.commands.find(
        (each) => each.name() === word || each.aliases().includes(word),
      );
      if (inner === undefined || operands.length > 0) operands.push(word);
      else command = inner;
    }
  }
  return { command, awaits, operands };
}

function awaiting(command: Command, word: string): Option | undefined {
  const option = command.options.find(({ long, short }) => long === word || short === word);
  return option?.required === true ? option : undefined;
}

async function valuesOf(
  option: Option,
  operand: string | undefined,
  link: Link,
): Promise<Completion> {
  switch (option.long) {
    case "--from":
    case "--step":
      return { candidates: await stepsOf(operand ?? "last", link), also: "nothing" };
    case "--color":
      return own(["auto", "always", "never"]);
    case "--state":
      return own(runStates);
    case "--mem":
      return own(["auto"]);
    case "--needs":
    case "--after":
    case "--before":
      return { candidates: await runsIn(link, undefined), also: "nothing" };
    case "--config":
    case "--cwd":
    case "--socket":
      return { candidates: [], also: "files" };
    default:
      return own([]);
  }
}

/** An argument that is being typed. */
interface Typed {
  readonly verb: string;
  /** As the help calls it. */
  readonly argument: string;
  /** Those before it. */
  readonly operands: readonly string[];
  readonly word: string;
}

async function argumentsOf(
  program: Command,
  { verb, argument, operands, word }: Typed,
  link: Link,
): Promise<Completion> {
  switch (argument) {
    case "recipe":
      return { candidates: await recipeNames(link), also: "files" };
    case "overrides":
      return { candidates: await recipeArguments(operands[0] ?? "", word, link), also: "nothing" };
    case "run-or-file":
      return { candidates: await runsIn(link, undefined), also: "files" };
    case "run":
      return {
        candidates: word.includes("/")
          ? await stepPaths(word, link)
          : await runsIn(link, statesOf[verb]),
        also: "nothing",
      };
    case "key":
      return { candidates: await keys(link), also: "nothing" };
    case "topic":
      return {
        candidates: [
          ...subcommandsOf(program),
          ...Object.entries(topics).map(([value, { summary }]) => ({ value, about: summary })),
        ],
        also: "nothing",
      };
    case "shell":
      return own(["bash", "zsh", "fish"]);
    case "command":
      return { candidates: [], also: "commands" };
    case "file":
      return { candidates: [], also: "files" };
    default:
      return own([]);
  }
}

async function runsIn(link: Link, states: readonly RunState[] | undefined): Promise<Candidate[]> {
  const only = states === undefined ? {} : { states: [...states] };
  const answer = await link.call("run.list", { limit: mostRuns, ...only });
  if (!answer.ok) return [];
  return answer.value.runs.map(({ id, name, state }) => ({ value: id, about: `${name} ${state}` }));
}

/** The steps of a run, elements too. */
async function stepsOf(run: string, link: Link): Promise<Candidate[]> {
  const answer = await link.call("run.get", { run });
  if (!answer.ok) return [];
  return answer.value.steps.map(({ name, state }) => ({ value: name, about: state }));
}

/** `RUN/STEP` for every step of the run that was typed. */
async function stepPaths(word: string, link: Link): Promise<Candidate[]> {
  const { run } = runSelector(word);
  const steps = await stepsOf(run, link);
  return steps.map(({ value, about }) => ({ value: `${run}/${value}`, about }));
}

async function keys(link: Link): Promise<Candidate[]> {
  const answer = await link.call("calibration.list", {});
  if (!answer.ok) return [];
  return answer.value.calibrations.map(({ key }) => ({ value: key, about: "" }));
}

function subcommandsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), about: each.summary() }));
}

function optionsOf(command: Command): Candidate[] {
  return command.options.map(({ long, short, description }) => ({
    value: long ?? short ?? "",
    about: description,
  }));
}

function own(values: readonly string[]): Completion {
  return { candidates: values.map((value) => ({ value, about: "" })), also: "nothing" };
}

function matching(
  word: string,
  candidates: readonly Candidate[],
  also: Completion["also"] = "nothing",
): Completion {
  return { candidates: candidates.filter(({ value }) => value.startsWith(word)), also };
}
