import { parse, TomlError } from "smol-toml";
import { nearest } from "../base/nearest.ts";
import { scheduleVariables, stageVariables } from "../domain/stage-variables.ts";
import { isSettingKey, settings, variableOf, type Setting, type SettingKey } from "./settings.ts";

/** A value as somebody gave it, and where: `file: key`, the variable, or the flag. */
export interface Given {
  readonly value: unknown;
  readonly where: string;
}
/** What was given for each setting; a later source replaces an earlier one. */
export type GivenSettings = Map<SettingKey, Given>;

const sections = Object.keys(settings).flatMap((key) => /^(.+)\./.exec(key)?.[1] ?? []);

/** Reads blut.toml's text into `given`; answers what is wrong with it. */
export function readToml(text: string, file: string, given: GivenSettings): string[] {
  let table: Record<string, unknown>;
  try {
    table = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const sentence = error.message.split("\n", 1)[0] ?? "";
    const place = `${file}:${error.line}:${error.column}`;
    return [`${place}: ${twice(text.split("\n"), error.line) ?? sentence}`];
  }
  return flatten(table, "", file, given);
}

/** A section that stands in a file twice: the one that `init` writes has them all, and people add theirs below. */
function twice(lines: readonly string[], wrong: number): string | undefined {
  const header = /^\s*\[[^[\]]+\]/;
  const second = header.exec(lines[wrong - 1] ?? "")?.[0].trim();
  const first = lines.findIndex((line) => header.exec(line)?.[0].trim() === second);
  if (second === undefined || first < 0 || first >= wrong - 1) return undefined;
  return `${second} begins in line ${first + 1} already; its settings belong there, and this line goes`;
}

function flatten(table: object, prefix: string, file: string, given: GivenSettings): string[] {
  return Object.entries(table).flatMap(([name, value]: [string, unknown]) => {
    const key = prefix + name;
    if (isSettingKey(key)) {
      given.set(key, { value, where: `${file}: ${key}` });
      return [];
    }
    const isSection = sections.includes(key);
    if (isSection && isTable(value)) return flatten(value, `${key}.`, file, given);
    return isSection
      ? [`${file}: ${key} is a section, write [${key}]`]
      : [`${file}: ${key} is no setting${meantKey(key, prefix)}`];
  });
}

/**
 * Reads `BLUT_` variables into `given`. One that is unknown is refused only when it looks like a
 * misspelt one of ours: the client and the stages have variables of that prefix too. Empty is unset.
 */
export function readVariables(
  env: Readonly<Record<string, string | undefined>>,
  given: GivenSettings,
): string[] {
  const keys = Object.keys(settings).filter(isSettingKey);
  const known = new Map(keys.map((key) => [variableOf(key), key]));
  return Object.entries(env).flatMap(([variable, value]) => {
    if (!variable.startsWith("BLUT_") || value === undefined || value === "") return [];
    const key = known.get(variable);
    if (key !== undefined) given.set(key, { value, where: variable });
    if (key !== undefined || foreignVariables.has(variable)) return [];
    const hint = meant(variable, [...known.keys()]);
    return hint === "" ? [] : [`${variable} is no setting${hint}`];
  });
}

/** Set by others with the same prefix: the stage contract, and the one that names the file. */
const foreignVariables = new Set([
  "BLUT_CONFIG",
  ...Object.keys(stageVariables),
  ...Object.keys(scheduleVariables),
]);

/** Reads flags as commander gives them (`stateDir` for `--state-dir`) into `given`. */
export function readFlags(
  flags: Readonly<Record<string, string | undefined>>,
  given: GivenSettings,
): void {
  for (const key of Object.keys(settings).filter(isSettingKey)) {
    const { flag }: Setting = settings[key];
    if (flag === undefined) continue;
    const value = flags[flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (value !== undefined) given.set(key, { value, where: `--${flag}` });
  }
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a key of the file was meant to be; where that cannot be told, what may stand in its place. */
function meantKey(key: string, prefix: string): string {
  const all = [...Object.keys(settings), ...sections];
  const near = meant(key, all);
  if (near !== "") return near;
  const name = key.slice(prefix.length);
  if (isSettingKey(name)) return `; ${name} stands at the top, before the first [section]`;
  const here = all.filter((known) => known.startsWith(prefix));
  const names = here.map((known) => known.slice(prefix.length).replace(/\..*/, ""));
  return `; expected one of ${[...new Set(names)].join(", ")}`;
}

function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? "" : `; did you mean ${near}?`;
}
