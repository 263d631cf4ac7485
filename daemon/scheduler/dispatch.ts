import type { Broker } from "../broker/broker.ts";
import type { IdSource } from "../base/id-source.ts";
import type { DaemonConfig } from "../config/config.ts";
import type { RunId } from "../domain/ids.ts";
import type { Claims, Step } from "../domain/plan.ts";
import type { Wait, WaitReason } from "../domain/reservation.ts";
import { ok } from "../domain/result.ts";
import type { RunEnd } from "../domain/run.ts";
import { pause } from "../executor/pause.ts";
import type { Start } from "../executor/claim.ts";
import type { Executor } from "../executor/executor.ts";
import type { RunBooks } from "../executor/run-books.ts";
import { settleStep } from "../executor/run-end.ts";
import { bugSentence, setAside } from "../executor/set-aside.ts";
import type { ReadyRow } from "../store/ready.ts";
import type { Hold } from "./hold.ts";
import { keyOf, QueueHead, type Contender, type Hopeless } from "./queue-head.ts";
import { isHeld, launcherWait, lineWait } from "./waits.ts";

/** What is started from the queue, and by whom. */
export interface DispatchParts {
  readonly books: RunBooks;
  readonly broker: Broker;
  readonly executor: Executor;
  readonly ids: IdSource;
  readonly memory: DaemonConfig["memory"];
  readonly backoff: Pick<DaemonConfig["backoff"], "longestMs">;
  readonly hold: () => Hold | undefined;
  /** Whether the launcher can start anything now; with systemd away, waiting is no step's fault. */
  readonly canLaunch: () => boolean;
  /** Why nothing may start for want of disk space, if so. */
  readonly diskWait: () => Wait | undefined;
}

/** Steps looked at in one go: enough to find small ones behind a big one, bounded for a long queue. */
const sight = 256;
/** How often in one go more of the line is looked at, behind those who all want what is taken. */
const furtherLooks = 4;
/** systemd starts most scopes a second with about this many in flight; more only wait on each other. */
const launchesAtOnce = 8;
/** A start that takes longer is left to the next daemon. */
const launchGraceMs = 2_000;
/** Reasons that no event of ours will lift: the box is asked again after a second. */
const unannounced = new Set<WaitReason>([
  "memory-available",
  "memory-pressure",
  "stale-sample",
  "disk-low",
]);
const lookAgainMs = 1_000;

/**
 * Starts what fits, whenever something changed: a submit, an end, a hold lifted, a backoff over,
 * another estimate. It sleeps otherwise.
 */
export class Dispatch {
  readonly #parts: DispatchParts;
  readonly #queue: QueueHead;
  /** Steps that are leaving the queue: a change about them is under way. */
  readonly #leaving = new Set<string>();
  #outlook: Map<string, { readonly wait?: Wait }> | undefined;
  #launching = 0;
  /** Called once nothing is being started any more. */
  #allLaunched: (() => void) | undefined;
  #scheduled = false;
  #stopped = true;
  #disarm: (() => void) | undefined;
  readonly #stops = new Map<WaitReason, number>();
  /** What the head of the line waits for. */
  #stop: WaitReason | undefined;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    this.#queue = new QueueHead({ store: parts.books.store, ...parts });
    parts.executor.onFreed(() => {
      this.wake();
    });
    parts.books.events.onAppend(({ kind }) => {
      if (kind === "calibration.changed") this.wake();
    });
  }

  start(): void {
    this.#stopped = false;
    this.wake();
  }

  /**
   * Starts nothing more; resolves when what is being started has begun, or soon. The next daemon would find
   * attempts that never did, and each would have spent a try.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disarm?.();
    if (this.#launching === 0) return;
    await new Promise<void>((resolve) => {
      const callOff = this.#parts.books.clock.after(launchGraceMs, resolve);
      this.#allLaunched = () => {
        callOff();
        resolve();
      };
    });
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

  /** How often the head of the line came to wait for something, since the start. */
  get stops(): ReadonlyMap<WaitReason, number> {
    return this.#stops;
  }

  /** Why a ready step is not running; undefined when it may start any moment. */
  waitOf({ runId, step }: ReadyRow): Wait | undefined {
    if (!this.#parts.canLaunch()) return launcherWait;
    const full = this.#parts.diskWait();
    if (full !== undefined) return full;
    this.#outlook ??= this.#lookAhead();
    const seen = this.#outlook.get(keyOf({ runId, step }));
    return seen === undefined ? lineWait : seen.wait;
  }

  /** What the next attempt of a step would get. */
  footprint(runId: RunId, step: Step): ReturnType<QueueHead["footprint"]> {
    return this.#queue.footprint(runId, step);
  }

  /** How the head of the queue stands. Whoever asks about many steps in one turn is told from one look. */
  #lookAhead(): Map<string, { readonly wait?: Wait }> {
    setImmediate(() => {
      this.#outlook = undefined;
    });
    const { contenders } = this.#queue.contend(this.#head(this.#parts.books.clock.now()));
    const candidates = contenders.map((c) => c.candidate);
    const outlook = new Map<string, { readonly wait?: Wait }>();
    for (const candidate of candidates) outlook.set(keyOf(candidate), {});
    for (const { candidate, wait } of this.#parts.broker.choose(candidates).waits) {
      outlook.set(keyOf(candidate), { wait });
    }
    return outlook;
  }

  #startWhatFits(): void {
    this.#disarm?.();
    const room = launchesAtOnce - this.#launching;
    // Each of the three wakes us when it is over.
    if (room <= 0 || this.#parts.hold()?.mode === "pause" || !this.#parts.canLaunch()) return;
    // One instant for the look and for the next one: a backoff that ends between two would be slept through.
    const now = this.#parts.books.clock.now();
    const full = this.#parts.diskWait();
    if (full !== undefined) {
      const isAwaited = this.#head(now).length > 0;
      this.#armNextLook(now, isAwaited ? [full.reason] : []);
      return;
    }
    const { contenders, hopeless, unreadable } = this.#queue.contend(this.#free(now));
    for (const step of hopeless) void this.#refuse(step);
    for (const step of unreadable) {
      const why = bugSentence(step.thrown);
      void setAside(this.#parts.books, step, { cause: "could-not-start", why });
    }
    const choice = this.#parts.broker.choose(
      contenders.map((c) => c.candidate),
      room,
    );
    const byCandidate = new Map(contenders.map((c) => [c.candidate, c]));
    const passed = choice.passedOver.flatMap((candidate) => byCandidate.get(candidate) ?? []);
    const starts = choice.starts.flatMap((candidate) => byCandidate.get(candidate) ?? []);
    // The passes of this round are recorded once, with whichever start comes first.
    for (const [i, start] of starts.entries()) {
      const devices = choice.devices.get(start.candidate) ?? [];
      this.#launch({ ...start, devices }, i === 0 ? passed : []);
    }
    const reasons = choice.waits.map(({ wait }) => wait.reason);
    this.#countStop(reasons[0]);
    this.#armNextLook(now, reasons);
  }

  /** The head of the line is looked at a hundred times while it waits for one thing: that is one stop. */
  #countStop(reason: WaitReason | undefined): void {
    if (reason !== undefined && reason !== this.#stop) {
      this.#stops.set(reason, (this.#stops.get(reason) ?? 0) + 1);
    }
    this.#stop = reason;
  }

  #launch(start: Contender & Pick<Start, "devices">, passed: readonly Contender[]): void {
    const { broker, executor, ids } = this.#parts;
    const attemptId = ids.attemptId();
    broker.ledger.reserve({
      attemptId,
      memoryBytes: start.footprint.limitBytes,
      ...start.step.claims,
      devices: start.devices,
    });
    const key = keyOf({ runId: start.runId, step: start.step.name });
    this.#leaving.add(key);
    this.#queue.forget({ runId: start.runId, step: start.step.name });
    this.#launching += 1;
    const claim = {
      attemptId,
      runId: start.runId,
      step: start.step,
      footprint: start.footprint,
      devices: start.devices,
      passed: passed.map((p) => ({ runId: p.runId, step: p.step.name })),
    };
    void executor.run(claim, () => {
      this.#leaving.delete(key);
      this.#launching -= 1;
      if (this.#launching === 0) this.#allLaunched?.();
      this.wake();
    });
  }

  /** Those of the head that no person holds back. */
  #free(now: number): ReadyRow[] {
    const { books, hold } = this.#parts;
    const inForce = hold();
    return this.#head(now).filter((row) => !isHeld(books.store, inForce, row));
  }

  /** The head of the line; where that wants what is taken (a pool, a lock), also who stands behind it. */
  #head(now: number): ReadyRow[] {
    const { books, broker, backoff } = this.#parts;
    const { ready } = books.store;
    const rows = new Map<string, ReadyRow>();
    const without: Claims[] = [];
    for (let looks = 0; looks <= furtherLooks; looks++) {
      const view = { longestBackoffMs: backoff.longestMs, without };
      const page = ready.head(now, sight, view);
      for (const row of page) rows.set(keyOf(row), row);
      const lacking =
        page.length < sight ? [] : broker.lacking(ready.claimsOfHead(now, sight, view));
      if (lacking.length === 0) break;
      without.push(...lacking);
    }
    for (const key of this.#leaving) rows.delete(key);
    return [...rows.values()];
  }

  /** What was learnt since the submit shows that it can never fit: it ends, with both numbers. */
  async #refuse({ runId, step, because }: Hopeless): Promise<void> {
    const { books } = this.#parts;
    const { neededBytes, ceilingBytes } = because;
    const end: RunEnd = {
      kind: "footprint-exceeds-host",
      step: step.name,
      neededBytes,
      ceilingBytes,
    };
    const key = keyOf({ runId, step: step.name });
    this.#leaving.add(key);
    const refused = await books.store.write(() => {
      settleStep(books, { runId, step: step.name }, { state: "failed", end });
      return ok(undefined);
    });
    if (!refused.ok) await pause(books.clock);
    this.#leaving.delete(key);
    // What came after it may start now; and a full disk is asked again.
    this.wake();
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
