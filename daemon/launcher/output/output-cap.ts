import { spawn } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import type { LogHole } from "../../base/logs/log-hole.ts";
import type { Stream } from "../attempt-files.ts";
import { holeOf, writeHole } from "./output-hole.ts";

/** How much of each stream of an attempt stays on disk: so much from the start, so much from the end. */
export interface OutputPolicy {
  readonly headBytes: number;
  readonly capBytes: number;
}

const shortestMs = 20;
const longestMs = 1000;
const blockBytes = 4096;

/** One log and how it is held. */
export interface CapParts {
  readonly clock: Clock;
  readonly policy: OutputPolicy;
  readonly directory: string;
  readonly stream: Stream;
  /** The log, open for writing; closed when the cap is stopped. */
  readonly fd: number;
  /** Gives a range of the file back; answers whether the file system could. */
  readonly punch: typeof punchHole;
}

/**
 * Holds one log to its size while the work writes straight into it: the middle is punched out, offsets
 * stay, the writer notices nothing. A look costs one fstat, and comes at the latest when a quarter of
 * the cap can have been written at the rate just seen; a quiet log is looked at once a second.
 */
export class OutputCap {
  readonly #parts: CapParts;
  #hole: LogHole;
  #canPunch = true;
  #seen: { readonly sizeBytes: number; readonly atMs: number };
  #callOff: () => void = () => undefined;
  #pending: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: CapParts) {
    this.#parts = parts;
    const { directory, stream, policy, clock } = parts;
    const none = { atBytes: policy.headBytes, skipBytes: 0, droppedBytes: 0 };
    this.#hole = holeOf(directory, stream) ?? none;
    this.#seen = { sizeBytes: this.#size(), atMs: clock.monotonic() };
    this.#next(shortestMs);
  }

  /** A last look, then lets go of the file. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#callOff();
    await this.#pending;
    await this.#trim(this.#size(), 0);
    closeSync(this.#parts.fd);
  }

  #next(delayMs: number): void {
    this.#callOff = this.#parts.clock.after(delayMs, () => {
      this.#pending = this.#look();
    });
  }

  async #look(): Promise<void> {
    const [sizeBytes, atMs] = [this.#size(), this.#parts.clock.monotonic()];
    const grownBytes = Math.abs(sizeBytes - this.#seen.sizeBytes);
    const bytesPerMs = grownBytes / Math.max(1, atMs - this.#seen.atMs);
    await this.#trim(sizeBytes, this.#parts.policy.capBytes / 4);
    this.#seen = { sizeBytes: this.#size(), atMs };
    const delayMs = this.#parts.policy.capBytes / 4 / bytesPerMs;
    if (!this.#isStopped) this.#next(Math.min(longestMs, Math.max(shortestMs, delayMs)));
  }

  /** Drops what lies between the head and the tail to keep, when it is more than `slackBytes`. */
  async #trim(sizeBytes: number, slackBytes: number): Promise<void> {
    const { atBytes, skipBytes } = this.#hole;
    const keptFrom = atBytes + skipBytes;
    const end = Math.floor((sizeBytes - this.#parts.policy.capBytes) / blockBytes) * blockBytes;
    // Where the tail can only be cut off whole, it is not done for the sake of a few blocks.
    const leastBytes = this.#canPunch ? slackBytes : this.#parts.policy.capBytes / 4;
    if (end - keptFrom <= leastBytes) return;
    try {
      if (this.#canPunch) {
        const grown = end - keptFrom;
        this.#record({ skipBytes: skipBytes + grown, droppedBytes: grown });
        this.#canPunch = await this.#parts.punch(this.#parts.fd, keptFrom, grown);
        if (this.#canPunch) return;
      }
      this.#cut(atBytes);
    } catch {
      // No room for the record of a hole: the next look tries again, and meets the full disk likewise.
    }
  }

  #cut(atBytes: number): void {
    const { skipBytes } = this.#hole;
    const lost = Math.max(0, this.#size() - atBytes - skipBytes);
    ftruncateSync(this.#parts.fd, atBytes);
    this.#record({ skipBytes: 0, droppedBytes: lost });
  }

  #record(change: { readonly skipBytes: number; readonly droppedBytes: number }): void {
    const droppedBytes = this.#hole.droppedBytes + change.droppedBytes;
    const hole = { atBytes: this.#hole.atBytes, skipBytes: change.skipBytes, droppedBytes };
    writeHole(this.#parts.directory, this.#parts.stream, hole);
    this.#hole = hole;
  }

  #size(): number {
    return fstatSync(this.#parts.fd).size;
  }
}

/** Node cannot punch holes; the program gets the open file itself, so no path can lead it astray. */
export function punchHole(fd: number, offset: number, length: number): Promise<boolean> {
  const args = ["--punch-hole", `--offset=${offset}`, `--length=${length}`, "/proc/self/fd/3"];
  return new Promise((resolve) => {
    const child = spawn("/usr/bin/fallocate", args, {
      cwd: "/",
      env: {},
      stdio: ["ignore", "ignore", "ignore", fd],
    });
    child.once("error", () => {
      resolve(false);
    });
    child.once("exit", (status) => {
      resolve(status === 0);
    });
  });
}
