import { realpathSync } from "node:fs";
import path from "node:path";
import { digestOf } from "../base/digest.ts";
import { errorCode } from "../base/system-error.ts";

type Argv = readonly [string, ...string[]];

/** What a command really runs: a program of its own, or what an interpreter is given. */
type Subject =
  | { readonly kind: "program" }
  | { readonly kind: "script"; readonly file: string }
  | { readonly kind: "module"; readonly name: string }
  | { readonly kind: "inline"; readonly flag: string; readonly code: string };

const interpreters =
  /^(?:python|pypy|node|deno|bun|ruby|perl|php|Rscript|julia|lua|bash|dash|zsh|sh|java)[\d.]*$/;
const longestKey = 512;

/**
 * The calibration key of an ad-hoc command: its program and, for an interpreter, the script. Arguments
 * after that never count, so the same work on other data shares what was learnt. Inline code (`-c`,
 * `-e`) counts by its digest, a module (`-m`) by its name.
 */
export function calibrationKeyOf(argv: Argv, cwd: string): string {
  const [program] = argv;
  const name = path.basename(program);
  const subject = subjectOf(argv);
  switch (subject.kind) {
    case "program":
      return clippedKey(program.includes("/") ? path.resolve(cwd, program) : program);
    case "script":
      return clippedKey(`${name} ${path.resolve(cwd, subject.file)}`);
    case "module":
      return clippedKey(`${name} -m ${subject.name}`);
    case "inline":
      return clippedKey(`${name} ${subject.flag} ${digestOf(subject.code).slice(0, 12)}`);
  }
}

/** The file that a command is about: the script that an interpreter is given, or a program named by its path. */
export function scriptOf(argv: Argv): string | undefined {
  const subject = subjectOf(argv);
  if (subject.kind === "script") return subject.file;
  return subject.kind === "program" && argv[0].includes("/") ? argv[0] : undefined;
}

/** A name for a run whose submitter gave none: the script's, module's or program's own, made safe. */
export function nameOfCommand(argv: Argv): string {
  const subject = subjectOf(argv);
  const given =
    subject.kind === "script" ? subject.file : subject.kind === "module" ? subject.name : argv[0];
  const safe = path.basename(given).replace(/[^A-Za-z0-9._-]+/g, "-");
  return safe.replace(/^[^A-Za-z0-9]+/, "").slice(0, 128) || "command";
}

function subjectOf([program, ...rest]: Argv): Subject {
  if (!interpreters.test(path.basename(program))) return { kind: "program" };
  const at = rest.findIndex((word) => !word.startsWith("-") || /^-[cem]$/.test(word));
  const word = rest[at];
  if (word === undefined) return { kind: "program" };
  const value = rest[at + 1] ?? "";
  if (word === "-m") return { kind: "module", name: value };
  if (word.startsWith("-")) return { kind: "inline", flag: word, code: value };
  return { kind: "script", file: word };
}

/**
 * What goes before the names of a directory's recipes and stages in their keys. In the recipe directory a
 * name is enough; elsewhere every project may have a `pipeline` with a step `train`, and none of them is to
 * learn from the others.
 */
export function homeOf(directory: string, recipesDir: string | undefined): string {
  const isShelved = recipesDir !== undefined && realPath(directory) === realPath(recipesDir);
  return isShelved ? "" : path.join(directory, "/");
}

/** The same directory by whatever links it is named; one that is not there is what it is called. */
function realPath(directory: string): string {
  try {
    return realpathSync(directory);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return path.resolve(directory);
  }
}

/** A key of a length that is still a key. */
export function clippedKey(key: string): string {
  if (key.length <= longestKey) return key;
  return `${key.slice(0, longestKey - 13)}~${digestOf(key).slice(0, 12)}`;
}
