import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A package whose code went into what we build. */
export interface Ingredient {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** The words of its licence file; empty when it has none. */
  readonly text: string;
}

/** The packages that these files belong to, in the order of their names. */
export function ingredientsOf(files: readonly string[]): Ingredient[] {
  const homes = new Set(files.map(homeOf).filter((home) => home !== undefined));
  return [...homes].sort().map(ingredientIn);
}

/** What the package in a directory is and says of its licence. */
export function ingredientIn(home: string): Ingredient {
  const read = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as Ingredient & {
    readonly license?: unknown;
  };
  const [file] = globSync("{LICEN[CS]E,license,licence}*", { cwd: home }).sort();
  return {
    name: read.name,
    version: read.version,
    // The oldest of them have a list or an object there.
    licence: typeof read.license === "string" ? read.license : "as below",
    text: file === undefined ? "" : readFileSync(join(home, file), "utf8").trim(),
  };
}

/** All their licences as one text. */
export function licenceText(ingredients: readonly Ingredient[]): string {
  return ingredients
    .map(({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text}\n`)
    .join(`\n${"-".repeat(72)}\n\n`);
}

/** The directory of the package that a file of node_modules is from. */
function homeOf(file: string): string | undefined {
  const inside = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
  return inside !== undefined && existsSync(join(inside, "package.json")) ? inside : undefined;
}
