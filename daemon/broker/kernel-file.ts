import { readFileSync } from "node:fs";

/** A kernel file's text. One that is not there, or that this kernel refuses to read, is a fact and no failure. */
export function readKernelFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
