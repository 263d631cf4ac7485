import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { errorCode } from "../../base/system-error.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { largestTomlBytes } from "./read-recipe.ts";

/** The files of a directory whose names end so, in the order of their names; none where it cannot be read. */
export function filesIn(directory: string | undefined, ending: string): string[] {
  if (directory === undefined) return [];
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith(ending));
    return names.sort().map((name) => path.join(directory, name));
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return [];
  }
}

/** The text of a file that a person wrote. A FIFO or a device would be waited for. */
export function readText(file: string): Result<string, string> {
  try {
    const facts = statSync(file);
    if (!facts.isFile()) return err("not a regular file");
    if (facts.size > largestTomlBytes) return err("larger than 1 MiB");
    return ok(readFileSync(file, "utf8"));
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return err(`cannot be read: ${code}`);
  }
}
