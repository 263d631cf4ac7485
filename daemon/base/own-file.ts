import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { isOutOfDescriptors } from "./system-error.ts";

/**
 * Added to the flags of every open in a folder that the work can write to: a link in the file's place
 * is not followed, and a FIFO does not hold the daemon for ever.
 */
export const ownFileFlags = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Whether an open file is what we made: a regular file of ours that has this one name. */
export function isOwnFile(found: Stats): boolean {
  return found.isFile() && found.uid === process.getuid?.() && found.nlink === 1;
}

/**
 * Opens a file for reading only if it is what we made; undefined for anything else. Throws where no
 * descriptor is left, which says nothing about the file.
 */
export async function openOwnFile(path: string): Promise<FileHandle | undefined> {
  const file = await tryOpen(path);
  if (file === undefined || isOwnFile(await file.stat())) return file;
  await file.close();
  return undefined;
}

/** The same at once, with these flags. What cannot be opened now, for whatever reason, is undefined. */
export function openOwnFileSync(path: string, flags: number): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, flags | ownFileFlags);
  } catch {
    return undefined;
  }
  if (isOwnFile(fstatSync(fd))) return fd;
  closeSync(fd);
  return undefined;
}

async function tryOpen(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | ownFileFlags);
  } catch (error) {
    if (isOutOfDescriptors(error)) throw error;
    return undefined;
  }
}
