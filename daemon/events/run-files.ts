import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { BlutEvent } from "../domain/event.ts";
import { ok } from "../domain/result.ts";
import type { Store } from "../store/store.ts";
import type { EventLog } from "./event-log.ts";
import { appendLines, type Appended } from "./line-file.ts";

/** What the files of runs are written from. */
export interface RunFilesParts {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly runsDir: string;
  /** Lines for `lineage.jsonl` that these events of one run call for, each with its newline. */
  readonly lineage: (runId: string, events: readonly BlutEvent[]) => string;
  /** Told once of each file that cannot be written. */
  readonly warn: (path: string, why: string) => void;
}

/** Events taken from the log at once, and files written at a time. */
const batch = 500;
const filesAtOnce = 8;
/** Events of a burst share an append. */
const gatherMs = 50;
/** A full disk is asked again. */
const pauseMs = 5000;
/** How far the mark on disk may be behind: what a start after a kill reads again. */
const markEvery = 2000;
const markName = "run-files";

/**
 * Mirrors the event log into the runs' own directories: `status.jsonl` has exactly a run's events, and
 * `lineage.jsonl` what its steps read and wrote. It follows the log behind the commits, in order, so nothing
 * waits for it; what it could not write it writes later, after a restart too.
 */
export class RunFiles {
  readonly #parts: RunFilesParts;
  readonly #refused = new Set<string>();
  #seq = 0;
  #marked = 0;
  #following: Promise<void> | undefined;
  #disarm: (() => void) | undefined;
  #unsubscribe: (() => void) | undefined;
  #isStopping = false;

  constructor(parts: RunFilesParts) {
    this.#parts = parts;
  }

  /** Makes up what an earlier daemon left undone, then keeps up. */
  start(): void {
    const mark = this.#parts.store.settings.get(markName);
    this.#seq = typeof mark === "number" && Number.isSafeInteger(mark) ? mark : 0;
    this.#marked = this.#seq;
    this.#unsubscribe = this.#parts.events.onAppend(() => {
      this.#wakeIn(gatherMs);
    });
    this.#wakeIn(0);
  }

  /** Writes what has been told so far, as far as the disk lets it. */
  async flush(): Promise<void> {
    this.#disarm?.();
    this.#disarm = undefined;
    await this.#follow();
  }

  /** Writes the rest; one that never started has none. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#unsubscribe === undefined) return;
    this.#unsubscribe();
    await this.flush();
    await this.#mark();
  }

  #wakeIn(ms: number): void {
    if (this.#disarm !== undefined || this.#isStopping) return;
    this.#disarm = this.#parts.clock.after(ms, () => {
      this.#disarm = undefined;
      void this.#follow();
    });
  }

  /** One walk at a time; who asks meanwhile gets one that begins afterwards. */
  async #follow(): Promise<void> {
    while (this.#following !== undefined) await this.#following;
    this.#following = this.#keepUp().catch((thrown: unknown) => {
      // A row that cannot be read is no reason to end the daemon, start after start.
      this.#parts.warn(this.#parts.runsDir, String(thrown));
    });
    await this.#following;
    this.#following = undefined;
  }

  async #keepUp(): Promise<void> {
    for (;;) {
      const events = this.#parts.events.since(this.#seq, batch);
      const last = events.at(-1);
      if (last === undefined) return;
      if (!(await this.#writeAll(events))) {
        this.#wakeIn(pauseMs);
        return;
      }
      this.#seq = last.seq;
      if (this.#seq - this.#marked >= markEvery) await this.#mark();
    }
  }

  /** False when some of it has to be written again later; whatever was written already is left out then. */
  async #writeAll(events: readonly BlutEvent[]): Promise<boolean> {
    const ofRuns = Map.groupBy(events, ({ runId }) => runId ?? "");
    ofRuns.delete("");
    const queue = [...ofRuns];
    let isDone = true;
    const work = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined && isDone; next = queue.pop()) {
        isDone = (await this.#write(...next)) && isDone;
      }
    };
    await Promise.all(Array.from({ length: filesAtOnce }, work));
    return isDone;
  }

  /** The lineage first: once an event is in the status file, nothing of it is looked at again. */
  async #write(runId: string, events: readonly BlutEvent[]): Promise<boolean> {
    // Collected meanwhile: its directory is gone for good.
    if (this.#parts.store.retention.collected(runId, 1).length > 0) return true;
    const directory = join(this.#parts.runsDir, runId);
    const lineage = this.#parts.lineage(runId, events);
    if (lineage !== "" && !(await this.#append(join(directory, "lineage.jsonl"), () => lineage))) {
      return false;
    }
    return this.#append(join(directory, "status.jsonl"), (last) => {
      const seen = seqOf(last);
      const missing = events.filter(({ seq }) => seq > seen);
      return missing.map((event) => `${JSON.stringify(event)}\n`).join("");
    });
  }

  async #append(path: string, lines: Parameters<typeof appendLines>[1]): Promise<boolean> {
    const appended: Appended = await appendLines(path, lines);
    if (appended.kind === "done") {
      this.#refused.delete(path);
      return true;
    }
    if (!this.#refused.has(path)) this.#parts.warn(path, appended.why);
    this.#refused.add(path);
    return appended.kind === "never";
  }

  async #mark(): Promise<void> {
    const seq = this.#seq;
    if (seq === this.#marked) return;
    const { store } = this.#parts;
    const marked = await store.write(() => {
      store.settings.set(markName, seq);
      return ok(undefined);
    });
    if (marked.ok) this.#marked = seq;
  }
}

/** The number of the event in a line; before every event where the line is none of ours. */
function seqOf(line: string | undefined): number {
  const seq = /^\{"seq":(\d{1,15}),/.exec(line ?? "")?.[1];
  return seq === undefined ? 0 : Number(seq);
}
