import type { Clock } from "../../base/clock.ts";
import type { AttemptId } from "../../domain/ids.ts";
import { killAll, readCurrentBytes, readPopulated, readProcesses } from "../../systemd/cgroup.ts";
import { watchPopulated, type Watch } from "../../systemd/cgroup-watch.ts";
import type { Manager } from "../../systemd/manager.ts";
import { scopeName } from "../../systemd/unit-name.ts";
import type { AttemptOutput } from "../output/attempt-output.ts";
import type { ExitReport } from "../exit-report.ts";
import { attemptFiles, readOwn, writeOwn } from "../attempt-files.ts";
import { fileFacts } from "../harvest.ts";
import type { LiveAttempt, Usage } from "../launcher.ts";
import { MemoryTrack } from "../memory-track.ts";
import { PeakMeter } from "../peak-meter.ts";
import { isRunning } from "../process-record.ts";
import { readProcess, signalProcess, type ProcessIdentity } from "../process-table.ts";
import { StarvationGuard } from "./starvation.ts";
import { isUndisputed, killerByKernel, killerByResult, scopeResult } from "./scope-verdict.ts";
import type { Shim } from "../shim/shim.ts";
import { readEvents, readPeaks, readSample } from "./slice-figures.ts";

/** What one attempt is watched with. */
export interface ScopeParts {
  readonly clock: Clock;
  readonly manager: Manager;
  readonly attemptId: AttemptId;
  readonly directory: string;
  readonly limitBytes: number;
  readonly scopeDirectory: string;
  readonly sliceDirectory: string;
  /** The shim; absent when nothing on disk names it. */
  readonly shimIdentity?: ProcessIdentity;
  /** Our own child; absent for an attempt that an earlier daemon started. */
  readonly shim?: Shim;
  readonly output: AttemptOutput;
  readonly leftoverGraceMs: number;
  /** For so long it had run when this daemon took it over. */
  readonly ranMs?: number;
}

const sampleShortestMs = 1_000;
const sampleLongestMs = 5_000;
/** An attempt is sampled about so often in its life at least, the longer the rarer. */
const samplesPerLife = 60;
const sigterm = 15;
const sigkill = 9;

/**
 * A live attempt in a scope of its own. It has ended when the kernel says that its slice holds no
 * process any more, whatever became of the shim; the shim's end only starts the clock for leftovers.
 */
export class ScopeAttempt implements LiveAttempt {
  readonly attemptId: AttemptId;
  readonly ended: Promise<ExitReport>;
  readonly memory = new MemoryTrack();
  readonly #parts: ScopeParts;
  readonly #meter: PeakMeter;
  readonly #starvation: StarvationGuard;
  readonly #beganMs: number;
  readonly #settle: (report: ExitReport) => void;
  readonly #watch: Watch;
  #callOffSample: () => void = () => undefined;
  #callOffGrace: (() => void) | undefined;
  #isOver = false;
  #isStarved = false;
  #leftovers = 0;

  constructor(parts: ScopeParts) {
    this.attemptId = parts.attemptId;
    this.#parts = parts;
    this.#meter = new PeakMeter(parts.limitBytes);
    this.#starvation = new StarvationGuard(parts.limitBytes);
    this.#beganMs = parts.clock.monotonic();
    const { promise, resolve } = Promise.withResolvers<ExitReport>();
    this.ended = promise;
    this.#settle = resolve;
    this.#watch = watchPopulated(parts.sliceDirectory, () => void this.#finish(), parts.clock);
    void parts.shim?.exited.then(() => {
      this.#commandEnded();
    });
    this.#sample();
  }

  async terminate(): Promise<void> {
    const told = await this.#parts.manager.killUnit(scopeName(this.attemptId), sigterm);
    if (!told.ok) this.#signalEach("SIGTERM");
  }

  async kill(): Promise<void> {
    if (killAll(this.#parts.scopeDirectory) === "killed") return;
    const told = await this.#parts.manager.killUnit(scopeName(this.attemptId), sigkill);
    if (!told.ok) this.#signalEach("SIGKILL");
  }

  usage(): Usage | undefined {
    if (this.#isOver) return undefined;
    const sample = readSample(this.#parts.sliceDirectory);
    const totalBytes = readCurrentBytes(this.#parts.sliceDirectory);
    if (sample === undefined || typeof totalBytes === "string") return undefined;
    return { needBytes: sample.needBytes, totalBytes };
  }

  #sample(): void {
    const { clock, sliceDirectory, shim, shimIdentity } = this.#parts;
    const sample = readSample(sliceDirectory);
    if (sample !== undefined) {
      const nowMs = clock.monotonic();
      this.#meter.sample(sample);
      this.memory.sample(nowMs - this.#beganMs + (this.#parts.ranMs ?? 0), sample.needBytes);
      if (this.#starvation.isStarved(nowMs, sample)) this.#endStarved();
    }
    const isOrphan = shim === undefined && shimIdentity !== undefined;
    // Nobody tells us of the end of a process that is not our child.
    if (isOrphan && !isRunning(shimIdentity)) this.#commandEnded();
    if (this.#isOver) return;
    const ageMs = clock.monotonic() - this.#beganMs;
    const restMs = Math.min(sampleLongestMs, Math.max(sampleShortestMs, ageMs / samplesPerLife));
    this.#callOffSample = clock.after(restMs, () => {
      this.#sample();
    });
  }

  /** The verdict is on disk before the kill, so that a daemon that dies in between judges the same. */
  #endStarved(): void {
    this.#isStarved = true;
    try {
      writeOwn(attemptFiles(this.#parts.directory).starved, "");
    } catch {
      // A full disk: then it is told only as long as this daemon lives.
    }
    void this.kill();
  }

  /** The shim is gone, and with it the command. What is still there gets a moment, then it is killed. */
  #commandEnded(): void {
    if (this.#isOver || this.#callOffGrace !== undefined) return;
    const { clock, sliceDirectory, leftoverGraceMs } = this.#parts;
    const populated = readPopulated(sliceDirectory);
    if (populated === false || populated === "gone") void this.#finish();
    else {
      this.#callOffGrace = clock.after(leftoverGraceMs, () => {
        const left = readProcesses(this.#parts.scopeDirectory);
        if (typeof left !== "string") this.#leftovers += left.length;
        void this.kill();
      });
    }
  }

  async #finish(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watch.close();
    this.#callOffSample();
    this.#callOffGrace?.();
    const { shim, output } = this.#parts;
    const status = await shim?.exited;
    await output.stop();
    const parts = { ...this.#parts, isStarved: this.#isStarved };
    this.#settle(await harvestScope(parts, this.#meter, this.#leftovers, status));
  }

  /** Where the bus is away and the kernel too old for cgroup.kill: one by one. */
  #signalEach(signal: "SIGTERM" | "SIGKILL"): void {
    const pids = readProcesses(this.#parts.scopeDirectory);
    for (const pid of typeof pids === "string" ? [] : pids) {
      const process = readProcess(pid);
      if (process !== undefined) signalProcess(process, signal);
    }
  }
}

/** What is needed to tell how an attempt ended, while its slice is still there. */
export type HarvestParts = Pick<
  ScopeParts,
  "clock" | "manager" | "attemptId" | "directory" | "sliceDirectory"
> & {
  /** It was ended because it starved at its limit, whether or not its files say so. */
  readonly isStarved?: boolean;
};

/** The report of an attempt whose slice is empty: its files, the kernel's counts, systemd's last word. */
export async function harvestScope(
  parts: HarvestParts,
  meter: PeakMeter,
  leftovers: number,
  shimStatus?: number,
): Promise<ExitReport> {
  const facts = fileFacts(parts, shimStatus);
  const peaks = readPeaks(parts.sliceDirectory, meter, leftovers);
  const isStarved =
    parts.isStarved === true || readOwn(attemptFiles(parts.directory).starved, 0) !== undefined;
  let killer = isStarved ? "own-limit" : killerByKernel(readEvents(parts.sliceDirectory));
  if (killer === undefined && !isUndisputed(facts.record)) {
    killer = killerByResult(await scopeResult(parts.manager, parts.clock, parts.attemptId));
  }
  return { ...facts, ...(killer !== undefined && { killer }), peaks };
}
