import path from "node:path";
import { digestOf } from "../base/digest.ts";

const interpreters =
  /^(?:python|pypy|node|deno|bun|ruby|perl|php|Rscript|julia|lua|bash|dash|zsh|sh|java)[\d.]*$/;
const longestKey = 512;

/**
 * The calibration key of an ad-hoc command: its program and, for an interpreter, the script. Arguments
 * after that never count, so the same work on other data shares what was learnt. Inline code (`-c`,
 * `-e`) counts by its digest, a module (`-m`) by its name.
 */
export function calibrationKeyOf(argv: readonly [string, ...string[]], cwd: string): string {
  const [program, ...rest] = argv;
  const name = path.basename(program);
  const place = program.includes("/") ? path.resolve(cwd, program) : program;
  if (!interpreters.test(name)) return clip(place);
  const at = rest.findIndex((arg) => !arg.startsWith("-") || /^-[cem]$/.test(arg));
  const word = rest[at];
  if (word === undefined) return clip(place);
  const value = rest[at + 1] ?? "";
  if (word === "-m") return clip(`${name} -m ${value}`);
  if (word.startsWith("-")) return clip(`${name} ${word} ${digestOf(value).slice(0, 12)}`);
  return clip(`${name} ${path.resolve(cwd, word)}`);
}

function clip(key: string): string {
  if (key.length <= longestKey) return key;
  return `${key.slice(0, longestKey - 13)}~${digestOf(key).slice(0, 12)}`;
}
