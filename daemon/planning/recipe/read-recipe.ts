import path from "node:path";
import { parse, TomlError } from "smol-toml";
import { schemaProblems } from "../../base/schema-problems.ts";
import type { ArgumentSpecs } from "../../domain/argument.ts";
import type { Problem } from "../../domain/problem.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { argumentProblems } from "./argument-problems.ts";
import { placing, type ProblemAt } from "./problem-at.ts";
import { recipeFile, type RecipeFile } from "./schema.ts";

/** Far more than anybody writes by hand. */
export const largestTomlBytes = 1024 ** 2;

/** A recipe as it was written, its form checked. */
export interface Recipe {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly directory: string;
  readonly help?: string;
  readonly args: ArgumentSpecs;
  readonly written: RecipeFile;
  /** What is wrong but leaves the rest readable: unknown keys, defaults that are not allowed. It is refused with them. */
  readonly faults: readonly Problem[];
  /** Turns a place in the document into one in the text. */
  readonly problemAt: ProblemAt;
}

/** Reads a TOML text: its values, or the one problem that its form has. */
export function readToml(text: string): Result<Record<string, unknown>, Problem> {
  if (text.length > largestTomlBytes) {
    return err({ field: "", message: "larger than 1 MiB" });
  }
  try {
    return ok(parse(text));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [message = ""] = error.message.split("\n");
    return err({ field: "", message, line: error.line, column: error.column });
  }
}

/** Reads a recipe file, with every problem of its form at once, in the order of the text. */
export function readRecipe(text: string, file: string): Result<Recipe, readonly Problem[]> {
  const toml = readToml(text);
  if (!toml.ok) return err([toml.error]);
  const problemAt = placing(text);
  const { problems, known } = formProblems(toml.value, problemAt);
  const parsed = recipeFile.safeParse(known);
  if (!parsed.success) return err(inTextOrder(problems));
  const written = parsed.data;
  const faults = inTextOrder([...problems, ...argumentProblems(written.args, problemAt)]);
  const { name = nameOfFile(file), help, args } = written;
  const directory = path.dirname(file);
  return ok({
    name,
    file,
    directory,
    ...(help !== undefined && { help }),
    args,
    written,
    faults,
    problemAt,
  });
}

/** What is wrong with the form, and the document without the keys that nobody knows: the rest may be right. */
function formProblems(
  input: Record<string, unknown>,
  problemAt: ProblemAt,
): { problems: Problem[]; known: Record<string, unknown> } {
  const parsed = recipeFile.safeParse(input);
  if (parsed.success) return { problems: [], known: input };
  const { issues } = parsed.error;
  const problems = issues
    .flatMap((issue) => schemaProblems({ schema: recipeFile, input, noun: "key" }, issue))
    .map((problem) => problemAt(problem.path, problem.message));
  const known = structuredClone(input);
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const table = issue.path.reduce<unknown>((value, key) => (value as never)[key], known);
    for (const key of issue.keys) Reflect.deleteProperty(table as object, key);
  }
  return { problems, known };
}

/** Problems from the top of the text to its end, each once; those of the whole come first. */
export function inTextOrder(problems: readonly Problem[]): Problem[] {
  const once = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...once.values()].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}

/** What a recipe is called whose author gave it no name. */
export function nameOfFile(file: string): string {
  const safe = path.parse(file).name.replace(/[^A-Za-z0-9._-]+/g, "-");
  return safe.replace(/^[^A-Za-z0-9]+/, "").slice(0, 100) || "recipe";
}
