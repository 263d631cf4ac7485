import type { footprintOf } from "../broker/estimate.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { AttemptId, RunId } from "../domain/ids.ts";
import type { Wait } from "../domain/reservation.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { isFinal } from "../domain/run.ts";
import { cancelRest } from "../executor/run-end.ts";
import type { Executor } from "../executor/executor.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Hold, HoldKeeper } from "./hold.ts";
import {
  collectedMeanwhile,
  enter,
  type Alongside,
  type DoorParts,
  type NewRun,
  type Submitted,
} from "./door.ts";
import { carriedOf, type RetryWish } from "./retry.ts";
import {
  prepareCommand,
  preparePlan,
  type SubmitPlanRequest,
  type SubmitRequest,
} from "./submit.ts";
import { backoffWait, holdWait, isHeld, runWait } from "./waits.ts";

export type { Hold } from "./hold.ts";
export type { Alongside, Submitted } from "./door.ts";
export type { SubmitPlanRequest, SubmitRequest } from "./submit.ts";

/** What a person's wishes are passed on to. */
export interface SchedulerParts {
  readonly door: DoorParts;
  readonly executor: Executor;
  readonly dispatch: Dispatch;
  readonly holds: HoldKeeper;
}

/** How a cancel went: ended before they started, or asked to stop. */
export interface Cancelled {
  readonly cancelled: readonly RunId[];
  readonly stopping: readonly RunId[];
}

/** The one door a run enters by, and everything a person may do to the queue. */
export class Scheduler {
  readonly #parts: SchedulerParts;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  /**
   * Queues a command. When this answers ok the run is on disk and will end in a recorded outcome, and so
   * is what was written alongside.
   */
  async submit(request: SubmitRequest, alongside?: Alongside): Promise<Result<Submitted, Failure>> {
    return this.#enter(prepareCommand(this.#parts.door.config, request), alongside);
  }

  /**
   * Queues a plan, the same way. `invalid-plan` names everything that is wrong with it at once, and then
   * nothing is stored.
   */
  async submitPlan(
    request: SubmitPlanRequest,
    alongside?: Alongside,
  ): Promise<Result<Submitted, Failure>> {
    return this.#enter(preparePlan(request), alongside);
  }

  /**
   * Ends runs: those that run by the stop ladder, or by SIGKILL when `now`; those that wait at once. All
   * are asked together, so that many share a commit. A full disk stops no signal.
   */
  async cancel(
    ids: readonly RunId[],
    how: { readonly reason?: string; readonly now: boolean },
  ): Promise<Result<Cancelled, Failure>> {
    const asked = await Promise.all(ids.map((id) => this.#cancelOne(id, how)));
    this.#parts.dispatch.wake();
    for (const each of asked) if (!each.ok) return each;
    const those = (word: "cancelled" | "stopping"): RunId[] =>
      ids.filter((_id, i) => asked[i]?.ok === true && asked[i].value === word);
    return ok({ cancelled: those("cancelled"), stopping: those("stopping") });
  }

  /**
   * Submits ended runs again, as new runs with the same plan and environment, that take over what is done
   * already; `wish` says what is done again all the same.
   */
  async retry(
    ids: readonly RunId[],
    wish: RetryWish = {},
  ): Promise<Result<readonly { readonly from: RunId; readonly id: RunId }[], Failure>> {
    const { store } = this.#parts.door.books;
    const live = ids.find((id) => !isFinal(store.runs.get(id)?.state ?? "queued"));
    if (live !== undefined) {
      return err(
        failure("wrong-state", `${live} has not ended`, `cancel it first: blutctl cancel ${live}`),
      );
    }
    const retried: { from: RunId; id: RunId }[] = [];
    for (const from of ids) {
      const again = await this.#enterAgain(from, wish);
      if (!again.ok) {
        // Those before it are accepted: they start, and nobody may lose sight of them.
        this.#parts.dispatch.wake();
        const accepted = retried.map(({ id }) => id).join(", ");
        const but = accepted === "" ? "" : `; ${accepted} was submitted before it`;
        return err({ ...again.error, message: `${from}: ${again.error.message}${but}` });
      }
      retried.push({ from, id: again.value.id });
    }
    this.#parts.dispatch.wake();
    return ok(retried);
  }

  hold(mode: Hold["mode"], reason: string, forMs?: number): Promise<Result<void, Failure>> {
    return this.#parts.holds.set(mode, reason, forMs);
  }

  resume(): Promise<Result<void, Failure>> {
    return this.#parts.holds.end();
  }

  currentHold(): Hold | undefined {
    return this.#parts.holds.current();
  }

  /** Why a step is not running; undefined when it is running, over, or about to start. */
  waitOf(runId: RunId, step: string): Wait | undefined {
    const { store, clock } = this.#parts.door.books;
    const row = store.ready.get(runId, step);
    if (row === undefined) return runWait(store, runId, step);
    const hold = this.#parts.holds.current();
    if (hold !== undefined && isHeld(store, hold, row)) return holdWait(hold);
    if (row.notBeforeAt > clock.now()) return backoffWait(row.notBeforeAt - clock.now());
    return this.#parts.dispatch.waitOf(row);
  }

  /** What a step's next attempt would get. */
  footprintOf(runId: RunId, step: string): ReturnType<typeof footprintOf> | undefined {
    const { store } = this.#parts.door.books;
    if (store.steps.get(runId, step) === undefined) return undefined;
    return this.#parts.dispatch.footprint(runId, store.runs.step(runId, step));
  }

  /** Memory of a live attempt now. */
  usageOf(attemptId: AttemptId): ReturnType<Executor["usageOf"]> {
    return this.#parts.executor.usageOf(attemptId);
  }

  /** What the stage of a live attempt said last. */
  saidBy(attemptId: AttemptId): ReturnType<Executor["saidBy"]> {
    return this.#parts.executor.saidBy(attemptId);
  }

  async #cancelOne(
    id: RunId,
    { reason, now }: { readonly reason?: string; readonly now: boolean },
  ): Promise<Result<"cancelled" | "stopping" | "over", Failure>> {
    const { executor } = this.#parts;
    const manner = now ? "now" : "ladder";
    const stopping = await executor.cancel(id, manner);
    if (stopping.size > 0) {
      // The signals are out; the reason may be lost to a full disk.
      void this.#parts.door.books.store.write(() => {
        this.#noteReason(id, reason);
        return ok(undefined);
      });
      // An attempt whose end was on its way into the books may have put the run back into the queue; and
      // another step may have started meanwhile.
      const requeued = await this.#cancelWaiting(id, reason);
      await executor.cancel(id, manner, stopping);
      return ok(requeued.ok && requeued.value ? "cancelled" : "stopping");
    }
    const waiting = await this.#cancelWaiting(id, reason);
    if (!waiting.ok) return waiting;
    if (waiting.value) return ok("cancelled");
    // It may have started between the two looks.
    return ok((await executor.cancel(id, manner)).size > 0 ? "stopping" : "over");
  }

  #noteReason(id: RunId, reason: string | undefined): void {
    if (reason !== undefined) this.#parts.door.books.store.runs.setCancelReason(id, reason);
  }

  /** Ends what of a run does not run; true when it is over with that. */
  #cancelWaiting(id: RunId, reason: string | undefined): Promise<Result<boolean, Failure>> {
    const { books } = this.#parts.door;
    return books.store.write(() => {
      if (isFinal(books.store.runs.get(id)?.state ?? "failed")) return ok(false);
      this.#noteReason(id, reason);
      return ok(cancelRest(books, id));
    });
  }

  async #enter(
    run: Result<NewRun, Failure>,
    alongside?: Alongside,
  ): Promise<Result<Submitted, Failure>> {
    if (!run.ok) return run;
    const entered = await enter(this.#parts.door, run.value, alongside);
    if (entered.ok) this.#parts.dispatch.wake();
    return entered;
  }

  async #enterAgain(from: RunId, wish: RetryWish): Promise<Result<Submitted, Failure>> {
    const { store } = this.#parts.door.books;
    const run = store.runs.get(from);
    const plan = store.runs.plan(from);
    if (run === undefined || plan === undefined) {
      return err(collectedMeanwhile(from, "submit its command again"));
    }
    const carried = carriedOf(store, from, plan, wish);
    if (!carried.ok) return carried;
    const { name, priority, planDigest, bodyDigest, failFast, pinned, notify } = run;
    return enter(this.#parts.door, {
      ...{ plan, name, priority, planDigest, bodyDigest, failFast, pinned, notify },
      env: store.runs.environment(from) ?? {},
      needs: [],
      after: [],
      retriedFrom: from,
      carried: carried.value,
    });
  }
}
