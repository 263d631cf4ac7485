import type { FileHandle } from "node:fs/promises";
import { openOwnFile } from "./own-file.ts";

const pieceBytes = 256 * 1024;
/** A line above this is told as an empty one, and never held. */
const longestLineBytes = 4 * 1024 ** 2;

/**
 * Reads a file that we made line by line, holding one line at a time. False, without a line, when it is not
 * there or not ours. What has no newline behind it is no line yet.
 */
export async function readOwnLines(path: string, onLine: (line: string) => void): Promise<boolean> {
  const file = await openOwnFile(path);
  if (file === undefined) return false;
  try {
    await readLines(file, onLine);
    return true;
  } finally {
    await file.close();
  }
}

async function readLines(file: FileHandle, onLine: (line: string) => void): Promise<void> {
  const piece = Buffer.alloc(pieceBytes);
  let held: Buffer[] = [];
  let heldBytes = 0;
  for (;;) {
    const { bytesRead } = await file.read(piece, 0, piece.length);
    if (bytesRead === 0) return;
    let from = 0;
    for (
      let end = piece.indexOf(10);
      end !== -1 && end < bytesRead;
      end = piece.indexOf(10, from)
    ) {
      held.push(piece.subarray(from, end));
      heldBytes += end - from;
      onLine(heldBytes > longestLineBytes ? "" : Buffer.concat(held).toString("utf8"));
      held = [];
      heldBytes = 0;
      from = end + 1;
    }
    heldBytes += bytesRead - from;
    if (heldBytes <= longestLineBytes) held.push(Buffer.from(piece.subarray(from, bytesRead)));
    else held = [];
  }
}
