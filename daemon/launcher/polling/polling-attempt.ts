import type { Clock } from "../../base/clock.ts";
import type { Peaks } from "../../domain/attempt.ts";
import type { AttemptId } from "../../domain/ids.ts";
import type { AttemptOutput } from "../output/attempt-output.ts";
import type { ExitReport } from "../exit-report.ts";
import { fileFacts } from "../harvest.ts";
import type { LiveAttempt, Usage } from "../launcher.ts";
import { MemoryTrack } from "../memory-track.ts";
import { countedUsage, exactUsage } from "./process-memory.ts";
import {
  readProcessTable,
  signalProcess,
  type ProcessEntry,
  type ProcessIdentity,
} from "../process-table.ts";
import { ProcessTree } from "../process-tree.ts";
import type { Onlooker, ProcessWatch } from "./process-watch.ts";
import type { Shim } from "../shim/shim.ts";

/** What one attempt is watched with. */
export interface PollingParts {
  readonly clock: Clock;
  readonly watch: ProcessWatch;
  readonly attemptId: AttemptId;
  readonly directory: string;
  readonly limitBytes: number;
  readonly shimIdentity: ProcessIdentity;
  /** Our own child; absent for an attempt that an earlier daemon started. */
  readonly shim?: Shim;
  readonly output: AttemptOutput;
  /** What outlives the command gets so long to end by itself. */
  readonly leftoverGraceMs: number;
  /** For so long it had run when this daemon took it over. */
  readonly ranMs?: number;
}

/** A live attempt that is held to its limit by being looked at, and killed when it is over. */
export class PollingAttempt implements LiveAttempt, Onlooker {
  readonly attemptId: AttemptId;
  readonly ended: Promise<ExitReport>;
  readonly memory = new MemoryTrack();
  readonly #beganMs: number;
  readonly #parts: PollingParts;
  readonly #tree: ProcessTree;
  readonly #settle: (report: ExitReport) => void;
  #members: readonly ProcessEntry[] = [];
  #peak: Usage = { needBytes: 0, totalBytes: 0 };
  #isOverLimit = false;
  #isBeingKilled = false;
  #commandEndedMs: number | undefined;
  #isOver = false;
  readonly #leftovers = new Set<number>();

  constructor(parts: PollingParts) {
    this.attemptId = parts.attemptId;
    this.#parts = parts;
    this.#beganMs = parts.clock.monotonic() - (parts.ranMs ?? 0);
    this.#tree = new ProcessTree(parts.shimIdentity);
    const { promise, resolve } = Promise.withResolvers<ExitReport>();
    this.ended = promise;
    this.#settle = resolve;
    parts.watch.add(this);
    void parts.shim?.exited.then(() => {
      parts.watch.lookNow();
    });
  }

  look(table: readonly ProcessEntry[]): boolean {
    this.#members = this.#tree.look(table);
    // The last one may have forked behind the reader's back and gone: nobody is gone until twice unseen.
    if (this.#members.length === 0) this.#members = this.#tree.look(readProcessTable());
    if (this.#members.length === 0) {
      void this.#finish();
      return false;
    }
    this.#measure();
    const leftovers = this.#expiredLeftovers();
    for (const { pid } of leftovers) this.#leftovers.add(pid);
    const doomed = this.#isBeingKilled ? this.#members : leftovers;
    for (const process of doomed) signalProcess(process, "SIGKILL");
    return doomed.length > 0;
  }

  terminate(): Promise<void> {
    this.#parts.watch.lookNow();
    for (const process of this.#members) signalProcess(process, "SIGTERM");
    return Promise.resolve();
  }

  kill(): Promise<void> {
    this.#isBeingKilled = true;
    this.#parts.watch.lookNow();
    return Promise.resolve();
  }

  usage(): Usage | undefined {
    return this.#isOver ? undefined : countedUsage(this.#tree.look(readProcessTable()));
  }

  /** The exact figure is dear, so it is asked for only where the cheap one would change something. */
  #measure(): void {
    const counted = countedUsage(this.#members);
    const isNews = counted.needBytes > this.#peak.needBytes;
    const usage = isNews && this.#members.length > 1 ? exactUsage(this.#members) : counted;
    if (isNews) {
      this.#peak = {
        needBytes: Math.max(this.#peak.needBytes, usage.needBytes),
        totalBytes: Math.max(this.#peak.totalBytes, usage.totalBytes, usage.needBytes),
      };
    }
    this.memory.sample(this.#parts.clock.monotonic() - this.#beganMs, usage.needBytes);
    if (isNews && usage.needBytes > this.#parts.limitBytes) {
      this.#isOverLimit = true;
      this.#isBeingKilled = true;
    }
  }

  /** Processes still there a while after the shim, and with it the command, was gone. */
  #expiredLeftovers(): readonly ProcessEntry[] {
    const { clock, shimIdentity, leftoverGraceMs } = this.#parts;
    if (this.#members.some(({ pid }) => pid === shimIdentity.pid)) return [];
    this.#commandEndedMs ??= clock.monotonic();
    return clock.monotonic() - this.#commandEndedMs >= leftoverGraceMs ? this.#members : [];
  }

  async #finish(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const { watch, output, shim } = this.#parts;
    watch.remove(this);
    const status = await shim?.exited;
    await output.stop();
    this.#settle({
      ...fileFacts(this.#parts, status),
      ...(this.#isOverLimit && { killer: "own-limit" }),
      peaks: this.#peaks(),
    });
  }

  #peaks(): Peaks {
    const { needBytes, totalBytes } = this.#peak;
    return {
      ...(needBytes > 0 && { needBytes, totalBytes }),
      oomEvents: this.#isOverLimit ? 1 : 0,
      oomKills: this.#isOverLimit ? 1 : 0,
      rodeLimit: needBytes >= this.#parts.limitBytes * 0.95,
      leftovers: this.#leftovers.size,
    };
  }
}
