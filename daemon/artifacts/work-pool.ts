import { getCompileCacheDir } from "node:module";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Clock } from "../base/clock.ts";
import { failure } from "../domain/failure.ts";
import { err } from "../domain/result.ts";
import type { Ask, FromWorker, JobName, JobParams, JobResult, ToWorker } from "./jobs.ts";

/** Work that a run waits for goes first; the rest takes one worker at most. */
export type Urgency = "run" | "upkeep";

interface Manner {
  readonly urgency?: Urgency;
  /** Answers what a worker wants to know of directories while it digests. */
  readonly answer?: Ask;
}

interface Order {
  readonly name: JobName;
  readonly params: unknown;
  readonly urgency: Urgency;
  readonly answer: Ask;
  readonly resolve: (result: unknown) => void;
  readonly reject: (bug: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  order: Order | undefined;
}

/** How long the threads are kept when there is nothing to do. */
const idleMs = 20_000;
const stopping = failure("wrong-state", "blutd is stopping", "try again once it is back", {
  retryable: true,
});
const nothingKnown: Ask = (paths) => Promise.resolve(paths.map(() => undefined));

/**
 * A few threads that wait for disks and hash, so that the event loop never does. They are started when
 * they are needed and end when nothing came for a while.
 *
 *     ordered -> waiting (runs first) -> on a thread, one at a time -> answered
 */
export class WorkPool {
  readonly #clock: Clock;
  readonly #size: number;
  readonly #waiting: Record<Urgency, Order[]> = { run: [], upkeep: [] };
  readonly #threads = new Set<Thread>();
  #stopIdling: (() => void) | undefined;
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    // One for upkeep, so that runs always have the others; more than a few only wait for the same disk.
    this.#size = Math.max(2, Math.min(4, availableParallelism()));
  }

  /** Has one job done. A throw of the job is a bug and rejects. */
  do<N extends JobName>(
    name: N,
    params: JobParams<N>,
    { urgency = "run", answer = nothingKnown }: Manner = {},
  ): Promise<JobResult<N>> {
    if (this.#isStopped && urgency === "upkeep") return Promise.resolve(err(stopping));
    return new Promise((resolve, reject) => {
      this.#waiting[urgency].push({
        name,
        params,
        urgency,
        answer,
        resolve: (result) => {
          resolve(result as JobResult<N>);
        },
        reject,
      });
      this.#next();
    });
  }

  /**
   * Ends every thread, whatever it does: nothing half-done is ever taken for whole. Upkeep hears that it
   * failed; what a run waits for is never answered, and done again by the next daemon.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopIdling?.();
    const threads = [...this.#threads];
    const orders = [...this.#waiting.upkeep, ...threads.map(({ order }) => order)];
    for (const order of orders) if (order?.urgency === "upkeep") order.resolve(err(stopping));
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  #next(): void {
    while (!this.#isStopped) {
      const thread = [...this.#threads].find(({ order }) => order === undefined);
      if (thread === undefined && this.#threads.size >= this.#size) return;
      const order = this.#take();
      if (order === undefined) {
        this.#idle();
        return;
      }
      this.#stopIdling?.();
      this.#give(thread ?? this.#start(), order);
    }
  }

  #take(): Order | undefined {
    const isKeptUp = [...this.#threads].some(({ order }) => order?.urgency === "upkeep");
    return this.#waiting.run.shift() ?? (isKeptUp ? undefined : this.#waiting.upkeep.shift());
  }

  #give(thread: Thread, order: Order): void {
    thread.order = order;
    thread.worker.ref();
    tell(thread, { kind: "job", name: order.name, params: order.params });
  }

  #start(): Thread {
    const cache = getCompileCacheDir();
    const worker = new Worker(new URL("./worker.js", import.meta.url), {
      name: "blut-artifacts",
      // Where the cache is, is a folder of Node's own version inside it.
      ...(cache !== undefined && { workerData: dirname(cache) }),
    });
    const thread: Thread = { worker, order: undefined };
    this.#threads.add(thread);
    worker.on("message", (message: FromWorker) => {
      this.#hear(thread, message);
    });
    worker.on("error", (error) => {
      this.#threads.delete(thread);
      thread.order?.reject(error instanceof Error ? error : new Error(String(error)));
      this.#next();
    });
    return thread;
  }

  #hear(thread: Thread, message: FromWorker): void {
    const { order } = thread;
    if (order === undefined) return;
    if (message.kind === "ask") {
      void order.answer(message.paths).then((texts) => {
        tell(thread, { kind: "records", texts });
      }, order.reject);
      return;
    }
    thread.order = undefined;
    // A daemon that has nothing else to do may end.
    thread.worker.unref();
    order.resolve(message.result);
    this.#next();
  }

  #idle(): void {
    if ([...this.#threads].some(({ order }) => order !== undefined)) return;
    this.#stopIdling?.();
    this.#stopIdling = this.#clock.after(idleMs, () => {
      for (const thread of this.#threads) {
        this.#threads.delete(thread);
        void thread.worker.terminate();
      }
    });
  }
}

function tell({ worker }: Thread, message: ToWorker): void {
  worker.postMessage(message);
}
