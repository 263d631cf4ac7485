import { statSync } from "node:fs";
import { errorCode } from "../../base/system-error.ts";

/** What is at a path; undefined when nothing is, or nothing that may be seen. */
export function lookAt(path: string): "file" | "directory" | undefined {
  try {
    const facts = statSync(path);
    return facts.isDirectory() ? "directory" : facts.isFile() ? "file" : undefined;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
