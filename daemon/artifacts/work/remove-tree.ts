import { chmodSync, lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { errorCode } from "../../base/system-error.ts";

/**
 * Removes a file or a tree that may be read-only and deep. What is gone already, or goes meanwhile, is as
 * good as removed.
 */
export function removeTree(path: string): void {
  const trees: string[] = [];
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const here = next;
    const inner = unlessGone(() => emptyOrUnlink(here));
    if (inner === undefined) continue;
    trees.push(here);
    for (const name of inner) waiting.push(`${here}/${name}`);
  }
  for (const tree of trees.reverse()) {
    unlessGone(() => {
      rmdirSync(tree);
    });
  }
}

/** The names in a directory, made writable; a file is unlinked. */
function emptyOrUnlink(path: string): string[] | undefined {
  if (!lstatSync(path).isDirectory()) {
    unlinkSync(path);
    return undefined;
  }
  chmodSync(path, 0o700);
  return readdirSync(path);
}

function unlessGone<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
