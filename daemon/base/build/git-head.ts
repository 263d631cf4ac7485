import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const commitId = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/**
 * The commit that is checked out in a directory, from git's own files: asking git costs a process, and
 * whoever starts wants to know cheaply. Undefined where this does not tell.
 */
export function headCommit(directory: string): string | undefined {
  try {
    const home = gitHome(join(directory, ".git"));
    const head = readFileSync(join(home, "HEAD"), "utf8").trim();
    const commit = head.startsWith("ref: ") ? commitOf(home, head.slice("ref: ".length)) : head;
    return commit !== undefined && commitId.test(commit) ? commit : undefined;
  } catch {
    return undefined;
  }
}

/** In a worktree, `.git` is a file that names its directory. */
function gitHome(place: string): string {
  try {
    const named = /^gitdir: (.+)$/m.exec(readFileSync(place, "utf8"))?.[1];
    return named === undefined ? place : resolve(place, "..", named);
  } catch {
    return place;
  }
}

/** Branches of a worktree lie with those of the repository that it belongs to; old ones are packed. */
function commitOf(home: string, branch: string): string | undefined {
  const common = join(home, "commondir");
  const shared = existsSync(common) ? resolve(home, readFileSync(common, "utf8").trim()) : home;
  const loose = [home, shared].map((place) => join(place, branch)).find((file) => existsSync(file));
  if (loose !== undefined) return readFileSync(loose, "utf8").trim();
  const packed = readFileSync(join(shared, "packed-refs"), "utf8").split("\n");
  return packed.find((line) => line.endsWith(` ${branch}`))?.split(" ", 1)[0];
}
