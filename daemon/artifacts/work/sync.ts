import { spawnSync } from "node:child_process";
import { closeSync, constants, fsyncSync, openSync } from "node:fs";

/** More files than this are brought to the disk by one call for the whole file system. */
const mostSingly = 64;

/** Forces a file or a directory to the disk. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Forces all of these to the disk; they are on one file system. */
export function syncAll(paths: readonly string[]): void {
  const [first] = paths;
  if (first === undefined) return;
  // Node has no syncfs. Without coreutils the long way is left.
  if (paths.length > mostSingly && spawnSync("sync", ["--file-system", first]).status === 0) return;
  for (const path of paths) syncPath(path);
}
