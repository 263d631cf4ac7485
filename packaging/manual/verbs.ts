import type { Argument, Command, Option } from "commander";
import { textAfterHelp } from "../../client/help-text.ts";
import { wholeTree } from "../../client/tree.ts";
import { topics } from "../../client/topics.ts";
import { fragment } from "./markdown.ts";
import * as p from "./page.ts";

/** blutctl(1), from the tree of verbs that --help shows. */
export async function blutctlPage(): Promise<p.Page> {
  const program = await wholeTree();
  const told: Told = new Map();
  const groups = Map.groupBy(visible(program), (verb) => verb.helpGroup());
  return {
    name: "blutctl",
    section: 1,
    summary: "submit heavy work to blutd, look at it, and end it",
    blocks: [
      p.section("SYNOPSIS"),
      { kind: "text", text: [p.bold("blutctl"), p.roman(" "), p.italic("verb ...")] },
      ...fragment("blutctl"),
      p.section("OPTIONS OF EVERY VERB"),
      ...program.options.map(optionTerm),
      ...[...groups].flatMap(([title, verbs]) => [
        p.section(title.replace(/:$/, "").toUpperCase()),
        ...verbs.flatMap((verb) => verbBlocks(verb, [], told)),
      ]),
      ...Object.values(topics).flatMap(({ title, rows }) => [
        p.section(title.toUpperCase()),
        ...rows.map(({ name, meaning }) => p.term([p.bold(name)], p.sentence(meaning))),
      ]),
      ...fragment("blutctl-end"),
    ],
  };
}

function visible(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}

/** The options that verbs before this one have, as texts, by the verb. */
type Told = Map<string, readonly string[]>;

/** A verb and then those under it. */
function verbBlocks(command: Command, outer: readonly string[], told: Told): p.Block[] {
  const path = [...outer, command.name()];
  return [
    p.part(path.join(" ")),
    { kind: "text", text: usage(command, path) },
    p.paragraph(p.sentence(command.description())),
    ...command.registeredArguments.map((each) =>
      p.term(argumentText(each), p.sentence(describe(each, command))),
    ),
    ...optionBlocks(command, path.join(" "), told),
    ...afterText(textAfterHelp(command)),
    ...visible(command).flatMap((inner) => verbBlocks(inner, path, told)),
  ];
}

/** Fewer options in common are told again. */
const worthNaming = 4;

/** A verb's own options; of many that an earlier verb has all of, that verb is named. */
function optionBlocks(command: Command, name: string, told: Told): p.Block[] {
  const own = command.options.filter(({ helpGroupHeading }) => helpGroupHeading === undefined);
  const textOf = ({ flags, description }: Option): string => `${flags} ${description}`;
  const twin = [...told].find(
    ([, texts]) =>
      texts.length >= worthNaming && texts.every((text) => own.map(textOf).includes(text)),
  );
  told.set(name, own.map(textOf));
  if (twin === undefined) return own.map(optionTerm);
  const [earlier, texts] = twin;
  const rest = own.filter((option) => !texts.includes(textOf(option)));
  return [p.paragraph(`It has the options of \`${earlier}\`.`), ...rest.map(optionTerm)];
}

function usage(command: Command, path: readonly string[]): p.Text {
  const inner = visible(command).length > 0 && command.registeredArguments.length === 0;
  const hasOptions = command.options.some((each) => each.helpGroupHeading === undefined);
  const aliases = command.aliases().map((alias) => `|${alias}`);
  return [
    p.bold(["blutctl", ...path].join(" ") + aliases.join("")),
    ...(hasOptions ? [p.roman(" ["), p.italic("options"), p.roman("]")] : []),
    ...(inner ? [p.roman(" "), p.italic("verb")] : []),
    ...command.registeredArguments.flatMap((each) => [p.roman(" "), ...argumentText(each)]),
  ];
}

function argumentText(argument: Argument): p.Text {
  const name = p.italic(argument.name());
  const dots = argument.variadic ? [p.roman(" ...")] : [];
  if (argument.required) return [name, ...dots];
  return [p.roman("["), name, ...dots, p.roman("]")];
}

function describe(argument: Argument, command: Command): string {
  return command.createHelp().argumentDescription(argument);
}

/** An option with the name of its value, and what it does. */
export function optionTerm(option: Option): p.Block {
  const [, flags = "", value] = /^([^<[]*?)\s*([<[].*)?$/.exec(option.flags) ?? [];
  const name = value?.replace(/^[<[](.*?)[\]>]$/, "$1");
  const text: p.Text = [
    p.bold(flags),
    ...(name === undefined ? [] : [p.roman(" "), p.italic(name)]),
  ];
  const preset: unknown = option.defaultValue;
  const isShown = typeof preset === "string" || typeof preset === "number";
  const ends = isShown ? `${option.description} (default: ${preset})` : option.description;
  return p.term(text, p.sentence(ends));
}

/** What a help adds below its lists: indented lines as they are, a line with a colon as their heading. */
function afterText(text: string): p.Block[] {
  const blocks: p.Block[] = [];
  for (const chunk of text.trimEnd().split(/\n(?=\S)|\n\n/)) {
    const [head = "", ...lines] = chunk.replace(/^\n+/, "").split("\n");
    if (head !== "") blocks.push(p.paragraph(head));
    const indented = lines.filter((line) => line !== "").map((line) => line.replace(/^ {2}/, ""));
    if (indented.length > 0) blocks.push({ kind: "literal", lines: indented });
  }
  return blocks;
}
