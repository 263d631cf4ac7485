import { chmodSync, lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { errorCode } from "../../base/system-error.ts";

const slash = Buffer.from("/");

/**
 * Removes a file or a tree that may be read-only and deep. What is gone already, or goes meanwhile, is as
 * good as removed.
 */
export function removeTree(path: string): void {
  // Names as bytes: what a command wrote need not be text.
  const trees: Buffer[] = [];
  const waiting = [Buffer.from(path)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const here = next;
    const inner = unlessGone(() => emptyOrUnlink(here));
    if (inner === undefined) continue;
    trees.push(here);
    for (const name of inner) waiting.push(Buffer.concat([here, slash, name]));
  }
  for (const tree of trees.reverse()) {
    unlessGone(() => {
      rmdirSync(tree);
    });
  }
}

/** The names in a directory, made writable; a file is unlinked. */
function emptyOrUnlink(path: Buffer): Buffer[] | undefined {
  if (!lstatSync(path).isDirectory()) {
    unlinkSync(path);
    return undefined;
  }
  chmodSync(path, 0o700);
  return readdirSync(path, { encoding: "buffer" });
}

function unlessGone<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
