import { watch, type FSWatcher } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../base/clock.ts";
import { EventFile } from "./event-file.ts";
import { LineSplitter } from "./line-splitter.ts";

/** What happened to the file itself: only the stage can have done that. */
export type FileProblem = "not-a-file" | "replaced" | "truncated";

/** Who listens to a stage. Lines are good only during the call. */
export interface TailListener {
  line(line: Buffer): void;
  /** The last one, which the stage ended without a newline. */
  lastLine(line: Buffer): void;
  fileProblem(problem: FileProblem): void;
  /** A look is over that found something. */
  caughtUp(): void;
}

/** A stage that talks is read so often; ms. Between two looks nothing wakes us, however much it says. */
const talkingMs = 100;
/** A lost signal of the kernel must cost no more than this; ms. */
const safetyNetMs = 5_000;
/** Chunks read in one turn of the event loop. */
const chunksAtOnce = 4;

/**
 * Reads a stage's event file as it grows. A silent stage is watched by inotify and costs nothing; one
 * that talks is read ten times a second instead of at every line.
 */
export class EventTail {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #listener: TailListener;
  readonly #splitter = new LineSplitter();
  #file: EventFile | undefined;
  #watcher: FSWatcher | undefined;
  #cancelNext: (() => void) | undefined;
  readonly #told = new Set<FileProblem>();
  #isClosed = false;

  constructor(path: string, clock: Clock, listener: TailListener) {
    this.#path = path;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Begins with what is there already, and goes on until {@link drain} or {@link close}. */
  start(): void {
    this.#tick();
  }

  /** Reads what is there now, a turn's worth at most; false when there was nothing new. */
  look(): boolean {
    if (this.#isClosed) return false;
    const found = this.#readSome();
    if (found !== "nothing") this.#listener.caughtUp();
    return found !== "nothing";
  }

  /** Reads all that is left of a stage that has ended, its last line too, and closes. */
  async drain(): Promise<void> {
    if (this.#isClosed) return;
    this.#rest();
    while (this.#readSome() !== "nothing") {
      this.#listener.caughtUp();
      await setImmediate();
    }
    const last = this.#splitter.rest();
    if (last !== undefined) this.#listener.lastLine(last);
    this.#checkPlace();
    this.#listener.caughtUp();
    this.close();
  }

  /** Stops reading; closing twice is fine. */
  close(): void {
    this.#isClosed = true;
    this.#rest();
    this.#file?.close();
    this.#file = undefined;
  }

  /** Looks, and decides when to look again. */
  #tick(): void {
    if (this.#isClosed) return;
    this.#rest();
    const found = this.#readSome();
    if (found !== "nothing") {
      this.#listener.caughtUp();
      this.#again(found === "more" ? 0 : talkingMs);
      return;
    }
    this.#checkPlace();
    this.#watch();
    // What came before the watch was there would wake nobody.
    if (this.#readSome() === "nothing") this.#again(safetyNetMs);
    else {
      this.#listener.caughtUp();
      this.#again(talkingMs);
    }
  }

  #again(ms: number): void {
    this.#cancelNext = this.#clock.after(ms, () => {
      this.#tick();
    });
  }

  /** Neither watched nor looked at, for now. */
  #rest(): void {
    this.#cancelNext?.();
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /**
   * Where the kernel has no watch left to give, the net does it alone; and where another file has been
   * put in place of ours, whose every change would wake us for nothing.
   */
  #watch(): void {
    if (this.#told.has("replaced")) return;
    try {
      this.#watcher = watch(this.#path, () => {
        this.#tick();
      });
      this.#watcher.on("error", () => undefined);
    } catch {
      this.#watcher = undefined;
    }
  }

  #readSome(): "nothing" | "all" | "more" {
    const file = this.#open();
    if (file === undefined) return "nothing";
    for (let chunks = 0; chunks < chunksAtOnce; chunks++) {
      const { bytes, isTruncated } = file.read();
      if (isTruncated) {
        this.#splitter.rest();
        this.#tell("truncated");
      }
      if (bytes.length === 0) return chunks === 0 ? "nothing" : "all";
      this.#splitter.push(bytes, (line) => {
        this.#listener.line(line);
      });
    }
    return "more";
  }

  #open(): EventFile | undefined {
    if (this.#file !== undefined || this.#told.has("not-a-file")) return this.#file;
    const opened = EventFile.open(this.#path);
    if (opened === "not-ours") this.#tell("not-a-file");
    else this.#file = opened;
    return this.#file;
  }

  #checkPlace(): void {
    if (this.#file?.isInPlace() === false) this.#tell("replaced");
  }

  /** Once each: a stage that does it a thousand times a second is no news. */
  #tell(problem: FileProblem): void {
    if (this.#told.has(problem)) return;
    this.#told.add(problem);
    this.#listener.fileProblem(problem);
  }
}
