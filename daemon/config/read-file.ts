import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { errorCode } from "../base/system-error.ts";
import { mib } from "../domain/quantity.ts";
import { err, ok, type Result } from "../domain/result.ts";

/** Far more than any configuration; what is larger is some other file. */
const largestBytes = mib;

/** Reads a configuration file: its text, `undefined` when there is none, or a word for why not. */
export function readConfigFile(path: string): Result<string | undefined, string> {
  let fd: number;
  try {
    // Opening a FIFO would wait for a writer that never comes.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    return code === "ENOENT" || code === "ENOTDIR" ? ok(undefined) : err(code);
  }
  try {
    const facts = fstatSync(fd);
    if (!facts.isFile()) return err("not a regular file");
    if (facts.size > largestBytes) return err("larger than 1 MiB");
    return ok(readFileSync(fd, "utf8"));
  } catch (error) {
    return err(codeOf(error));
  } finally {
    closeSync(fd);
  }
}

function codeOf(error: unknown): string {
  const code = errorCode(error);
  if (code === undefined) throw error;
  return code;
}
