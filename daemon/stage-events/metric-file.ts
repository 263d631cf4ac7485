import {
  closeSync,
  constants,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { openOwnFileSync } from "../base/own-file.ts";
import { metricHeader, metricLine, type MetricRow } from "../domain/metric.ts";

/** The metrics file of an attempt. */
export function metricFilePath(directory: string): string {
  return path.join(directory, "metrics.csv");
}

const chunkBytes = 1 << 20;

/**
 * `metrics.csv` of one attempt: written in passing, made when there is a first metric. Every row is also
 * a line of the stage's own file; of an attempt that is heard from its beginning again, the rows that
 * are there already stay, because they know when they came.
 */
export class MetricFile {
  readonly #path: string;
  #fd: number | undefined;
  /** Bytes that are known to be whole rows. */
  #goodBytes = 0;
  #rowsToSkip = 0;
  #pending: string[] = [];
  #isBroken = false;

  constructor(directory: string) {
    this.#path = metricFilePath(directory);
  }

  /** Finds what an earlier daemon wrote; call before the first row. */
  async resume(): Promise<void> {
    const fd = openOwnFileSync(this.#path, constants.O_RDWR);
    if (fd === undefined) return;
    const rows = await wholeLines(fd);
    if (rows.count === 0) {
      closeSync(fd);
      return;
    }
    this.#fd = fd;
    this.#goodBytes = rows.bytes;
    this.#rowsToSkip = rows.count - 1;
    ftruncateSync(fd, rows.bytes);
  }

  /** Adds a row; it is in the file after the next {@link flush}. */
  add(row: MetricRow): void {
    if (this.#rowsToSkip > 0) this.#rowsToSkip--;
    else if (!this.#isBroken) this.#pending.push(metricLine(row));
  }

  /** Writes what was added. False, once, when the disk refused: no further row of this attempt is kept. */
  flush(): boolean {
    if (this.#pending.length === 0) return true;
    const rows = Buffer.from(this.#pending.join(""));
    this.#pending = [];
    try {
      this.#fd ??= this.#create();
      this.#write(rows);
      return true;
    } catch {
      this.#isBroken = true;
      this.#cutBack();
      return false;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#isBroken = true;
  }

  #create(): number {
    rmSync(this.#path, { force: true, recursive: true });
    const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    this.#fd = openSync(this.#path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    this.#write(Buffer.from(metricHeader));
    return this.#fd;
  }

  #write(bytes: Buffer): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    for (let sent = 0; sent < bytes.length;) {
      sent += writeSync(fd, bytes, sent, bytes.length - sent, this.#goodBytes + sent);
    }
    this.#goodBytes += bytes.length;
  }

  /** Half a row would be read as a wrong one. */
  #cutBack(): void {
    if (this.#fd !== undefined) ftruncateSync(this.#fd, this.#goodBytes);
  }
}

/** How many lines have their newline, and the bytes of them. */
async function wholeLines(fd: number): Promise<{ readonly count: number; readonly bytes: number }> {
  const chunk = Buffer.alloc(chunkBytes);
  let count = 0;
  let bytes = 0;
  for (let offset = 0; ;) {
    const length = readSync(fd, chunk, 0, chunk.length, offset);
    if (length === 0) return { count, bytes };
    const read = chunk.subarray(0, length);
    for (let at = read.indexOf(0x0a); at !== -1; at = read.indexOf(0x0a, at + 1)) {
      count++;
      bytes = offset + at + 1;
    }
    offset += length;
    await setImmediate();
  }
}
