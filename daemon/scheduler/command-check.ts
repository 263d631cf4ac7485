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

const remedies = {
  cwd: "submit from a directory that exists, or name one with --cwd",
  argv: "check the spelling and the executable bit, or give the program's whole path",
} as const;

/** Refuses a working directory that is gone and a program that is not there; undefined means fine. */
export function checkCommand({ argv, cwd, env }: CommandToCheck): Failure | undefined {
  const wrong = misplaced(argv[0], cwd, env["PATH"]);
  if (wrong === undefined) return undefined;
  const { field, message } = wrong;
  return failure("invalid-request", `${field}: ${message}`, remedies[field], { data: { field } });
}

/** Every step whose directory or program is not there; what many steps share is looked at once. */
export function placeProblems(
  plan: Plan,
  env: Readonly<Record<string, string>>,
): readonly Problem[] {
  const seen = new Map<string, ReturnType<typeof misplaced>>();
  return plan.steps.flatMap(({ name, argv: [program], cwd, env: own }) => {
    // A program that is an input, or made of one, is not there yet.
    if (typeof program !== "string") return [];
    const path = own["PATH"] ?? env["PATH"];
    const place = JSON.stringify([program, cwd, path]);
    if (!seen.has(place)) seen.set(place, misplaced(program, cwd, path));
    const wrong = seen.get(place);
    if (wrong === undefined) return [];
    return [{ field: `steps.${name}.${wrong.field}`, message: wrong.message }];
  });
}

/** What is not where a command says it is. */
function misplaced(program: string, cwd: string, searchPath: string | undefined) {
  if (!isDirectory(cwd)) {
    return { field: "cwd", message: `${cwd} is not a directory this daemon can enter` } as const;
  }
  if (findProgram(program, cwd, searchPath ?? "/usr/local/bin:/usr/bin:/bin")) return undefined;
  const message = program.includes("/")
    ? `${program} is not an executable file`
    : `there is no program ${program} in the PATH it was submitted with`;
  return { field: "argv", message } as const;
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
