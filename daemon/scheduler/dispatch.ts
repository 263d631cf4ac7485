import type { Broker } from "../broker/broker.ts";
import type { Candidate } from "../broker/admission.ts";
import { footprintOf } from "../broker/estimate.ts";
import type { IdSource } from "../base/id-source.ts";
import type { DaemonConfig } from "../config/config.ts";
import type { RunId } from "../domain/ids.ts";
import type { Footprint } from "../domain/footprint.ts";
import type { Step } from "../domain/plan.ts";
import type { Wait, WaitReason } from "../domain/reservation.ts";
import { ok, type Result } from "../domain/result.ts";
import type { RunEnd } from "../domain/run.ts";
import type { Executor } from "../executor/executor.ts";
import { endRun, type RunBooks } from "../executor/run-end.ts";
import type { ReadyRow } from "../store/ready.ts";
import type { Hold } from "./hold.ts";
import { launcherWait } from "./waits.ts";

export interface DispatchParts {
  readonly books: RunBooks;
  readonly broker: Broker;
  readonly executor: Executor;
  readonly ids: IdSource;
  readonly memory: DaemonConfig["memory"];
  readonly budgetBytes: number;
  readonly hold: () => Hold | undefined;
  /** Whether the launcher can start anything now; with systemd away, waiting is no step's fault. */
  readonly canLaunch: () => boolean;
}

/** A step at the head of the queue with what it would get. */
interface Contender {
  readonly candidate: Candidate;
  readonly runId: RunId;
  readonly step: Step;
  readonly footprint: Footprint;
}

type FootprintAnswer = ReturnType<typeof footprintOf>;

/** Steps looked at in one go: enough to find small ones behind a big one, bounded for a long queue. */
const sight = 256;
/** systemd starts most scopes a second with about this many in flight; more only wait on each other. */
const launchesAtOnce = 8;
/** Reasons that no event of ours will lift: the box is asked again after a second. */
const unannounced = new Set<WaitReason>(["memory-available", "memory-pressure", "stale-sample"]);
const lookAgainMs = 1_000;

/**
 * Starts what fits, whenever something changed: a submit, an end, a hold lifted, a backoff over. It
 * sleeps otherwise.
 */
export class Dispatch {
  readonly #parts: DispatchParts;
  readonly #claiming = new Set<string>();
  #launching = 0;
  #scheduled = false;
  #stopped = true;
  #disarm: (() => void) | undefined;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    parts.executor.onFreed(() => {
      this.wake();
    });
  }

  start(): void {
    this.#stopped = false;
    this.wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#disarm?.();
  }

  /** Something changed; many changes in one turn of the event loop are looked at once. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#stopped) this.#startWhatFits();
    });
  }

  /** Why a step at the head of the queue is not running; undefined when it may start any moment. */
  waitOf(row: ReadyRow): Wait | undefined {
    if (!this.#parts.canLaunch()) return launcherWait;
    const { contenders } = this.#contend([...this.#head(this.#parts.books.clock.now()), row]);
    const mine = contenders.find((c) => c.runId === row.runId && c.step.name === row.step);
    if (mine === undefined) return undefined;
    const choice = this.#parts.broker.choose(
      contenders.map((c) => c.candidate),
      this.#parts.hold()?.mode,
    );
    return choice.waits.find(({ candidate }) => candidate === mine.candidate)?.wait;
  }

  /** What the next attempt of a step would get. */
  footprint(runId: RunId, step: Step): FootprintAnswer {
    const { store } = this.#parts.books;
    const history = store.calibrations.get(step.calibrationKey);
    const killedAtBytes = store.steps.get(runId, step.name)?.killedAtBytes;
    return footprintOf({
      ask: step.memory,
      policy: this.#parts.memory,
      budgetBytes: this.#parts.budgetBytes,
      history,
      killedAtBytes,
      attainable: this.#parts.broker.attainable(),
    });
  }

  #startWhatFits(): void {
    this.#disarm?.();
    if (!this.#parts.canLaunch()) return;
    // One instant for the look and for the next one: a backoff that ends between two would be slept through.
    const now = this.#parts.books.clock.now();
    const { contenders, hopeless } = this.#contend(this.#head(now));
    for (const { runId, end } of hopeless) void this.#refuse(runId, end);
    const choice = this.#parts.broker.choose(
      contenders.map((c) => c.candidate),
      this.#parts.hold()?.mode,
      launchesAtOnce - this.#launching,
    );
    const byCandidate = new Map(contenders.map((c) => [c.candidate, c]));
    const passed = choice.passedOver.flatMap((candidate) => byCandidate.get(candidate) ?? []);
    const starts = choice.starts.flatMap((candidate) => byCandidate.get(candidate) ?? []);
    // The passes of this round are recorded once, with whichever start comes first.
    for (const [i, start] of starts.entries()) this.#launch(start, i === 0 ? passed : []);
    this.#armNextLook(
      now,
      choice.waits.map(({ wait }) => wait.reason),
    );
  }

  #launch(start: Contender, passed: readonly Contender[]): void {
    const { broker, executor, ids } = this.#parts;
    const attemptId = ids.attemptId();
    broker.ledger.reserve({
      attemptId,
      memoryBytes: start.footprint.limitBytes,
      ...start.step.claims,
    });
    const key = `${start.runId}/${start.step.name}`;
    this.#claiming.add(key);
    this.#launching += 1;
    const claim = {
      attemptId,
      runId: start.runId,
      step: start.step,
      footprint: start.footprint,
      passed: passed.map((p) => ({ runId: p.runId, step: p.step.name })),
    };
    void executor.run(claim, () => {
      this.#claiming.delete(key);
      this.#launching -= 1;
      this.wake();
    });
  }

  #head(now: number): ReadyRow[] {
    return this.#parts.books.store.ready
      .head(now, sight)
      .filter((row) => !this.#claiming.has(`${row.runId}/${row.step}`));
  }

  #contend(rows: readonly ReadyRow[]): {
    contenders: Contender[];
    hopeless: { runId: RunId; end: RunEnd }[];
  } {
    const contenders: Contender[] = [];
    const hopeless: { runId: RunId; end: RunEnd }[] = [];
    for (const row of rows) {
      const plan = this.#parts.books.store.runs.plan(row.runId);
      const step = plan?.steps.find((candidate) => candidate.name === row.step);
      if (step === undefined) continue;
      const footprint = this.footprint(row.runId, step);
      if (footprint.ok) contenders.push(contender(row, step, footprint.value));
      else hopeless.push({ runId: row.runId, end: exceedsHost(step, footprint.error) });
    }
    return { contenders, hopeless };
  }

  /** What was learnt since the submit shows that it can never fit: it ends, with both numbers. */
  async #refuse(runId: RunId, end: RunEnd): Promise<Result<void, unknown>> {
    return this.#parts.books.store.write(() => {
      endRun(this.#parts.books, { runId, state: "failed", end });
      return ok(undefined);
    });
  }

  #armNextLook(now: number, reasons: readonly WaitReason[]): void {
    const { store, clock } = this.#parts.books;
    const backoffAt = store.ready.nextBackoffAt(now);
    const looks = [
      ...(backoffAt === undefined ? [] : [backoffAt - clock.now()]),
      ...(reasons.some((reason) => unannounced.has(reason)) ? [lookAgainMs] : []),
    ];
    if (looks.length === 0) return;
    this.#disarm = clock.after(Math.max(1, Math.min(...looks)), () => {
      this.wake();
    });
  }
}

function contender(row: ReadyRow, step: Step, footprint: Footprint): Contender {
  const candidate = {
    runId: row.runId,
    step: row.step,
    priority: row.priority,
    passedOver: row.passedOver,
    limitBytes: footprint.limitBytes,
    claims: step.claims,
  };
  return { candidate, runId: row.runId, step, footprint };
}

function exceedsHost(
  step: Step,
  { neededBytes, ceilingBytes }: { readonly neededBytes: number; readonly ceilingBytes: number },
): RunEnd {
  return { kind: "footprint-exceeds-host", step: step.name, neededBytes, ceilingBytes };
}
