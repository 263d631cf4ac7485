import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { GuestOptions } from "./options.ts";

/** Variables of the caller that mean something to a test run; the guest's own environment is made there. */
const passedOn = ["CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "GITHUB_ACTIONS"] as const;

/** Writes `request.tar` into the directory: what the guest shall run, as whom, and how. Answers its path. */
export function writeRequest(
  options: GuestOptions,
  directory: string,
  extraFiles: readonly string[],
): string {
  const request = join(directory, "request");
  mkdirSync(request);
  for (const file of [join(import.meta.dirname, "run-request.sh"), ...extraFiles]) {
    copyFileSync(file, join(request, basename(file)));
  }
  writeFileSync(join(request, "as"), options.root ? "root\n" : "user\n");
  writeFileSync(join(request, "command.sh"), commandScript(options.command, process.env));
  const archive = join(directory, "request.tar");
  execFileSync("tar", ["-cf", archive, "-C", request, "."]);
  return archive;
}

/** A shell script that becomes the command. Exported for its test: quoting must survive anything. */
export function commandScript(command: readonly string[], environment: NodeJS.ProcessEnv): string {
  const exports = passedOn.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [`export ${name}=${quote(value)}\n`];
  });
  return `${exports.join("")}exec ${command.map(quote).join(" ")}\n`;
}

/** Single quotes keep everything but a single quote, which leaves them, stands escaped, and enters again. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
