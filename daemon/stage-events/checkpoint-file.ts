import { lstatSync, realpathSync, type Stats } from "node:fs";
import path from "node:path";
import { err, ok, type Result } from "../domain/result.ts";

/** A file that a stage can go on from. */
export interface CheckpointFile {
  /** Absolute. */
  readonly path: string;
  /** Epoch ms. */
  readonly writtenAt: number;
}

/** What a checkpoint is refused with that was there once, perhaps: stages keep only the last few. */
export const noSuchFile = "there is no such file";

/**
 * The file that a checkpoint event names, relative to the step's checkpoint directory or absolute inside
 * it. Refused with a sentence when it is outside, is reached through a link, or is no regular file.
 */
export function checkpointFile(directory: string, named: string): Result<CheckpointFile, string> {
  const file = path.resolve(directory, named);
  const inside = path.relative(directory, file);
  if (inside === "" || inside === ".." || inside.startsWith("../")) {
    return err("it is outside of the checkpoint directory");
  }
  const found = statOf(file);
  if (found === undefined) return err(noSuchFile);
  if (!found.isFile()) return err("it is not a regular file");
  if (!isDirect(directory, inside)) {
    // Or it was removed since we looked.
    return err(statOf(file) === undefined ? noSuchFile : "a link is on the way to it");
  }
  return ok({ path: file, writtenAt: Math.floor(found.mtimeMs) });
}

function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch {
    return undefined;
  }
}

function isDirect(directory: string, inside: string): boolean {
  try {
    if (!lstatSync(directory).isDirectory()) return false;
    const real = realpathSync(directory);
    return realpathSync(path.join(real, inside)) === path.join(real, inside);
  } catch {
    return false;
  }
}
