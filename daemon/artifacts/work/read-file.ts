import { createHash, hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { ownFileFlags } from "../../base/own-file.ts";
import type { TreeEntry } from "../../domain/artifact.ts";
import type { Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { wrong, wrongBy, type Side } from "./trouble.ts";

/** A file that was read: its bytes' digest, and what it was when the reading began. */
export interface ReadFile {
  readonly digest: string;
  readonly stat: Stats;
}

/** A file up to this size is read by one call. Larger ones go through the same memory, piece by piece. */
const pieceBytes = 1024 ** 2;
const piece = Buffer.allocUnsafeSlow(pieceBytes);

/** SHA-256 of a file's bytes. A file that changes meanwhile is refused. */
export function readFile(side: Side, path: string): Result<ReadFile, Failure> {
  try {
    // A link or a FIFO that took the file's place is not read.
    const descriptor = openSync(path, ownFileFlags);
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile()) return err(wrong(side, path, "is no file any more", true));
      const digest =
        stat.size < pieceBytes ? digestSmall(descriptor, stat) : digestLarge(descriptor, stat);
      return digest === undefined
        ? err(wrong(side, path, "changed while it was read", true))
        : ok({ digest, stat });
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const known = wrongBy(side, path, error);
    if (known === undefined) throw error;
    return err(known);
  }
}

/** One read sees all of it or tells by its length that the file is another now. */
function digestSmall(descriptor: number, { size }: Stats): string | undefined {
  const length = readSync(descriptor, piece, 0, pieceBytes, 0);
  return length === size ? hash("sha256", piece.subarray(0, length)) : undefined;
}

function digestLarge(descriptor: number, before: Stats): string | undefined {
  const hashing = createHash("sha256");
  for (;;) {
    const length = readSync(descriptor, piece, 0, pieceBytes, null);
    if (length === 0) break;
    hashing.update(length === pieceBytes ? piece : piece.subarray(0, length));
  }
  return stampOf(fstatSync(descriptor)) === stampOf(before) ? hashing.digest("hex") : undefined;
}

/**
 * What cannot stay the same when a file's content changes, as far as the file system can tell. Times are
 * doubles, good to a quarter of a microsecond: whole nanoseconds as bigints cost a third of all digesting.
 */
export function stampOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`;
}

/** The entry that a file is. */
export function fileEntry(name: string, { mode, size }: Stats, digest: string): TreeEntry {
  return { name, type: (mode & 0o100) === 0 ? "file" : "program", digest, bytes: size, files: 1 };
}
