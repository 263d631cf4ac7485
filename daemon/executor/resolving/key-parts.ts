import path from "node:path";
import { canonicalJson } from "../../base/canonical-json.ts";
import type { ArtifactUse, KeyParts } from "../../domain/artifact.ts";
import type { JsonValue } from "../../domain/event.ts";
import type { Step, Word } from "../../domain/plan.ts";
import { wordText } from "../../domain/word.ts";

/** Everything that a step's result depends on; digests of its code and inputs were found out before. */
export function keyPartsOf(
  step: Step,
  code: string,
  inputs: Readonly<Record<string, ArtifactUse>>,
): KeyParts {
  const { kind, files = [] } = step.output ?? {};
  return {
    stage: step.stage,
    code,
    command: canonicalJson(step.argv.map((word) => wordOf(step, word))),
    args: canonicalJson(step.args),
    env: canonicalJson(step.env),
    inputs,
    output: kind === undefined ? "" : canonicalJson({ kind, files: files.toSorted() }),
  };
}

/** The parts that differ, by name: `code`, `inputs.data`, `args.epochs`, `stage version`. */
export function changedParts(was: KeyParts, is: KeyParts): string[] {
  const changed = [
    ...(was.stage.name === is.stage.name ? [] : ["stage"]),
    ...(was.stage.version === is.stage.version ? [] : ["stage version"]),
    ...(was.code === is.code ? [] : ["code"]),
    ...changedFields("args", parsed(was.args), parsed(is.args)),
    ...changedFields("inputs", asFields(was.inputs), asFields(is.inputs)),
    ...changedFields("env", parsed(was.env), parsed(is.env)),
    ...(was.command === is.command ? [] : ["command"]),
    ...(was.output === is.output ? [] : ["output"]),
  ];
  return changed;
}

/**
 * A word by what it says, never by where the work lies: its code by its place in the list of it, what is
 * beside it by its way there. Braces of the text itself are doubled, as recipes write them.
 */
function wordOf(step: Step, word: Word): string {
  const parts = typeof word === "string" ? [word] : word;
  return parts
    .map((part) => (typeof part === "string" ? placeless(step, part) : wordText([part])))
    .join("");
}

function placeless({ cwd, code }: Step, text: string): string {
  const place = text.includes("/") ? code.indexOf(path.resolve(cwd, text)) : -1;
  if (place >= 0) return `{code.${String(place)}}`;
  const near = text.startsWith(`${cwd}/`) ? text.slice(cwd.length + 1) : text;
  return near.replaceAll("{", "{{").replaceAll("}", "}}");
}

type Fields = Readonly<Record<string, JsonValue>>;

function changedFields(name: string, was: Fields, is: Fields): string[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names
    .filter((key) => canonicalJson(was[key] ?? null) !== canonicalJson(is[key] ?? null))
    .map((key) => `${name}.${key}`);
}

function parsed(text: string): Fields {
  return JSON.parse(text) as Fields;
}

function asFields(inputs: Readonly<Record<string, ArtifactUse>>): Fields {
  return Object.fromEntries(Object.entries(inputs).map(([name, use]) => [name, { ...use }]));
}
