import { createHash, hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, type BigIntStats } from "node:fs";
import { ownFileFlags } from "../../base/own-file.ts";
import type { Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { wrong, wrongBy, type Side } from "./trouble.ts";

/** A file up to this size is read by one call. Larger ones go through the same memory, piece by piece. */
const pieceBytes = 1024 ** 2;
const piece = Buffer.allocUnsafeSlow(pieceBytes);

/** SHA-256 of a file's bytes. `stat` is what was seen of it; a file that changes meanwhile is refused. */
export function digestFile(side: Side, path: string, stat: BigIntStats): Result<string, Failure> {
  try {
    // A link or a FIFO that took the file's place is not read.
    const descriptor = openSync(path, ownFileFlags);
    try {
      const digest =
        stat.size < pieceBytes ? digestSmall(descriptor, stat) : digestLarge(descriptor, stat);
      return digest === undefined
        ? err(wrong(side, path, "changed while it was read", true))
        : ok(digest);
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
function digestSmall(descriptor: number, stat: BigIntStats): string | undefined {
  const length = readSync(descriptor, piece, 0, pieceBytes, 0);
  return length === Number(stat.size) ? hash("sha256", piece.subarray(0, length)) : undefined;
}

function digestLarge(descriptor: number, stat: BigIntStats): string | undefined {
  const hashing = createHash("sha256");
  for (;;) {
    const length = readSync(descriptor, piece, 0, pieceBytes, null);
    if (length === 0) break;
    hashing.update(length === pieceBytes ? piece : piece.subarray(0, length));
  }
  const after = fstatSync(descriptor, { bigint: true });
  return stampOf(after) === stampOf(stat) ? hashing.digest("hex") : undefined;
}

/** What cannot stay the same when a file's content changes, as far as the file system can tell. */
export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}
