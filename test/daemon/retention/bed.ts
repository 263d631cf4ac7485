import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { Clock } from "../../../daemon/base/clock.ts";
import { systemClock } from "../../../daemon/base/clock.ts";
import type { RetentionPolicy } from "../../../daemon/config/config.ts";
import type { CollectReason } from "../../../daemon/domain/retention.ts";
import { EventLog } from "../../../daemon/events/event-log.ts";
import { DiskWatch } from "../../../daemon/retention/disk-watch.ts";
import {
  Retention,
  type Collected,
  type CollectWish,
} from "../../../daemon/retention/retention.ts";
import type { RunRow } from "../../../daemon/store/runs.ts";
import { lay, Shop, type Files } from "../artifacts/support/shop.ts";
import { anAttempt, aRun, environment, keep, plan, runId, unwrap } from "../store/support/rows.ts";

export const day = 86_400_000;
export const kib = 1024;
export const unlimited = { ageMs: Infinity, count: Infinity, bytes: Infinity };
export const keepAll: RetentionPolicy = {
  runs: unlimited,
  logs: unlimited,
  events: { ageMs: Infinity, bytes: Infinity },
  cache: { ageMs: Infinity, bytes: Infinity },
  keepLast: 0,
};

/** Retention over a real store and real directories, at an instant that the test sets. */
export class RetentionBed {
  readonly shop = new Shop();
  readonly store = this.shop.store;
  readonly runsDir = join(this.shop.directory, "runs");
  /** Far from now, so that what a run left is old by any clock. */
  now = 1_700_000_000_000;
  #passedMs = 0;
  readonly #clock: Clock = {
    ...systemClock,
    now: () => this.now,
    monotonic: () => systemClock.monotonic() + this.#passedMs,
  };
  readonly events = new EventLog(this.store, this.#clock, { keep: 1000 });
  readonly #disk = new DiskWatch({
    clock: this.#clock,
    places: [],
    policy: {},
    changed: () => undefined,
  });

  constructor() {
    mkdirSync(this.runsDir, { mode: 0o700 });
  }

  retention(policy: Partial<RetentionPolicy> = {}): Retention {
    const { store, events, runsDir } = this;
    const { pool, upkeep } = this.shop;
    const retention = new Retention({
      ...{ store, events, runsDir, pool, upkeep, clock: this.#clock, disk: this.#disk },
      policy: { ...keepAll, ...policy },
    });
    onTestFinished(() => {
      retention.stop();
    });
    return retention;
  }

  /** Lets time pass while the box is on; whoever sets `now` alone sets its clock. */
  pass(ms: number): void {
    this.now += ms;
    this.#passedMs += ms;
  }

  /** Run n as it is days after its end, with one attempt and these files. */
  async ended(
    n: number,
    daysAgo: number,
    { files = {}, ...more }: Partial<RunRow> & { readonly files?: Files } = {},
  ): Promise<void> {
    const at = this.now - daysAgo * day;
    const times = { createdAt: at, startedAt: at, endedAt: at };
    await keep(this.store, () => {
      const run = aRun(n, { state: "succeeded", exitCode: 0, ...times, ...more });
      this.store.runs.insert(run, plan, environment);
      this.store.steps.insert(runId(n), "main", "succeeded");
      this.store.attempts.insert(
        anAttempt(n, {
          ...{ state: "ended", ...times, directory: join(this.directory(n), "main/1") },
          outcome: { cause: "succeeded" },
          peaks: { oomEvents: 0, oomKills: 0, rodeLimit: false, leftovers: 0 },
        }),
      );
    });
    lay(this.directory(n), { "status.jsonl": "{}\n", "main/1/stdout.log": "hello\n", ...files });
  }

  /** A run that waits, and what for. */
  async queued(
    n: number,
    more: Partial<RunRow> = {},
    needs: readonly number[] = [],
  ): Promise<void> {
    await keep(this.store, () => {
      this.store.runs.insert(aRun(n, more), plan, environment);
      for (const on of needs) this.store.waits.insert(runId(n), runId(on), "needs");
    });
  }

  directory(n: number): string {
    return join(this.runsDir, runId(n));
  }

  /** Which of these runs are there, on record and on the disk; one of the two alone is a fault. */
  there(...numbers: readonly number[]): number[] {
    return numbers.filter((n) => {
      const isOnRecord = this.store.runs.get(runId(n)) !== undefined;
      if (existsSync(this.directory(n)) !== isOnRecord) throw new Error(`run ${n} is half there`);
      return isOnRecord;
    });
  }

  hasLog(n: number): boolean {
    return existsSync(join(this.directory(n), "main/1/stdout.log"));
  }
}

/** What it did or would do, as short as can be: `[["run", 3, "age"]]`. */
export function brief({ runs, logs }: Collected): [string, number, CollectReason][] {
  const told = (what: string) => (item: Collected["runs"][number]) =>
    [what, Number(item.one.run.id.slice(4)), item.because] as [string, number, CollectReason];
  return [...runs.map(told("run")), ...logs.map(told("logs"))];
}

/** Collects twice: first it only says what would go, which must be what then goes. */
export async function collect(retention: Retention, wish: CollectWish = {}): Promise<Collected> {
  const dry = unwrap(await retention.collect(wish, true));
  const real = unwrap(await retention.collect(wish, false));
  expect(real).toStrictEqual(dry);
  return real;
}
