import { constants, type Stats } from "node:fs";

/**
 * Added to the flags of every open in a folder that the work can write to: a link in the file's place
 * is not followed, and a FIFO does not hold the daemon for ever.
 */
export const ownFileFlags = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Whether an open file is what we made: a regular file of ours that has this one name. */
export function isOwnFile(found: Stats): boolean {
  return found.isFile() && found.uid === process.getuid?.() && found.nlink === 1;
}
