import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { failure, type Failure } from "../domain/failure.ts";
import type { Plan } from "../domain/plan.ts";
import type { Problem } from "../domain/problem.ts";

/** What of a command can be known to be wrong before it runs. */
export interface CommandToCheck {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Refuses a working directory that is gone and a program that is not there; undefined means fine. */
export function checkCommand({ argv, cwd, env }: CommandToCheck): Failure | undefined {
  if (!isDirectory(cwd)) {
    return failure(
      "invalid-request",
      `cwd: ${cwd} is not a directory this daemon can enter`,
      "submit from a directory that exists, or name one with --cwd",
      { data: { field: "cwd" } },
    );
  }
  const program = argv[0];
  if (findProgram(program, cwd, env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")) return undefined;
  return failure(
    "invalid-request",
    program.includes("/")
      ? `argv: ${program} is not an executable file`
      : `argv: there is no program ${program} in the PATH it was submitted with`,
    "check the spelling and the executable bit, or give the program's whole path",
    { data: { field: "argv" } },
  );
}

/** Every step whose directory or program is not there; what many steps share is looked at once. */
export function placeProblems(
  plan: Plan,
  env: Readonly<Record<string, string>>,
): readonly Problem[] {
  const seen = new Map<string, Failure | undefined>();
  return plan.steps.flatMap(({ name, argv: [program], cwd, env: own }) => {
    // A program that is an input, or made of one, is not there yet.
    if (typeof program !== "string") return [];
    const path = own["PATH"] ?? env["PATH"];
    const place = JSON.stringify([program, cwd, path]);
    if (!seen.has(place)) {
      const search: Record<string, string> = path === undefined ? {} : { PATH: path };
      seen.set(place, checkCommand({ argv: [program], cwd, env: search }));
    }
    const wrong = seen.get(place);
    if (wrong === undefined) return [];
    const field = String(wrong.data?.["field"]);
    const message = wrong.message.replace(/^(?:cwd|argv): /, "");
    return [{ field: `steps.${name}.${field}`, message }];
  });
}

function isDirectory(place: string): boolean {
  try {
    accessSync(place, constants.X_OK);
    return statSync(place).isDirectory();
  } catch {
    return false;
  }
}

function findProgram(program: string, cwd: string, searchPath: string): boolean {
  if (program.includes("/")) return isProgram(path.resolve(cwd, program));
  return searchPath.split(":").some((folder) => isProgram(path.resolve(cwd, folder, program)));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
