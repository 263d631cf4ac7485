import { setImmediate } from "node:timers/promises";
import type { RetentionRule } from "../domain/retention.ts";
import type { EndedCursor, EndedRun } from "../store/retention.ts";
import type { Store } from "../store/store.ts";
import { Choice, type Candidate, type Chosen, type Spared } from "./choice.ts";

/** A run that may go, or its logs. */
export interface RunCandidate extends Candidate {
  readonly run: EndedRun;
}

/** What goes by a rule, in the order in which it goes, and what would but for its own sake. */
export interface Survey {
  readonly runs: readonly Chosen<RunCandidate>[];
  /** Of runs that stay. */
  readonly logs: readonly Chosen<RunCandidate>[];
  readonly spared: readonly Spared<RunCandidate>[];
}

/** A run that has just ended is left alone: what it left may be on its way to where it belongs. */
const justEndedMs = 60_000;
/** So many rows are looked at in one turn of the event loop. */
const rowsAtOnce = 50;

/** What is looked at. A look that is cut short by a stop is worth nothing: nothing may be done by it. */
interface SurveyParts {
  readonly store: Store;
  readonly stopping: AbortSignal;
}

/** Looks at everything that has ended and decides what goes; changes nothing. */
export async function survey(
  parts: SurveyParts,
  rule: RetentionRule,
  now: number,
): Promise<Survey> {
  const look = new Look(parts, rule, now);
  const old = await look.runs({ ...rule.runs, bytes: Infinity });
  const logs = await look.logs();
  const large = await look.runs({ ageMs: Infinity, count: Infinity, bytes: rule.runs.bytes });
  const runs = [...old.chosen, ...large.chosen].map(whole);
  const gone = new Set(runs.map(({ one }) => one.run.id));
  // Of a run that is spared and one that goes in the end, the end counts.
  const spared = [...old.spared, ...logs.spared, ...large.spared].filter(
    ({ one }) => !gone.has(one.run.id),
  );
  return {
    runs,
    logs: logs.chosen.filter(({ one }) => !gone.has(one.run.id)),
    spared: [...new Map(spared.map((each) => [each.one.run.id, each])).values()],
  };
}

/** Whether a run, or its logs, must still stay; asked once more when it goes. */
export function isFreeToGo(store: Store, id: EndedRun["id"], now: number): boolean {
  return store.retention.keptBecause(id, now - justEndedMs) === undefined;
}

/** A run takes its logs along, chosen before or not. */
function whole({ one, because }: Chosen<RunCandidate>): Chosen<RunCandidate> {
  return { one: { ...one, bytes: one.run.logBytes + one.run.historyBytes }, because };
}

class Look {
  readonly #store: Store;
  readonly #stopping: AbortSignal;
  readonly #rule: RetentionRule;
  readonly #now: number;
  readonly #goneRuns = new Set<string>();
  readonly #goneLogs = new Set<string>();
  /** What is left, as far as it has been decided, but for what is pinned: that is nobody else's fault. */
  readonly #left: { runs: number; logs: number; logBytes: number; historyBytes: number };

  constructor({ store, stopping }: SurveyParts, rule: RetentionRule, now: number) {
    this.#store = store;
    this.#stopping = stopping;
    this.#rule = rule;
    this.#now = now;
    const [all, pinned] = [store.retention.totals(), store.retention.pinned()];
    this.#left = {
      runs: all.runs - pinned.runs,
      logs: all.logs - pinned.logs,
      logBytes: all.logBytes - pinned.logBytes,
      historyBytes: all.historyBytes - pinned.historyBytes,
    };
  }

  async runs(allowance: RetentionRule["runs"]): Promise<Choice<RunCandidate>> {
    const { runs: count, logBytes, historyBytes } = this.#left;
    const choice = this.#choice(allowance, { count, bytes: logBytes + historyBytes });
    await this.#feed(choice, (limit, after) => this.#store.retention.ended(limit, after));
    for (const { one } of choice.chosen) {
      const { id, logBytes, historyBytes } = one.run;
      this.#left.runs -= 1;
      this.#left.historyBytes -= historyBytes;
      if (!this.#goneLogs.has(id)) this.#takeLogs(logBytes);
      this.#goneRuns.add(id);
    }
    return choice;
  }

  /** By their own rule, and as far as the runs' directories may take more at all. */
  async logs(): Promise<Choice<RunCandidate>> {
    const { runs, logs } = this.#rule;
    const roomBytes = Math.max(0, runs.bytes - this.#left.historyBytes);
    const allowance = { ...logs, bytes: Math.min(logs.bytes, roomBytes) };
    const totals = { count: this.#left.logs, bytes: this.#left.logBytes };
    const choice = this.#choice(allowance, totals);
    await this.#feed(choice, (limit, after) => this.#store.retention.withLogs(limit, after), {
      logsAlone: true,
    });
    for (const { one } of choice.chosen) {
      this.#takeLogs(one.run.logBytes);
      this.#goneLogs.add(one.run.id);
    }
    return choice;
  }

  #takeLogs(bytes: number): void {
    if (bytes > 0) this.#left.logs -= 1;
    this.#left.logBytes -= bytes;
  }

  #choice(
    allowance: RetentionRule["runs"],
    totals: { readonly count: number; readonly bytes: number },
  ): Choice<RunCandidate> {
    const { retention } = this.#store;
    return new Choice<RunCandidate>(allowance, totals, this.#now, {
      kept: ({ run }) => retention.keptBecause(run.id, this.#now - justEndedMs),
      isLast: ({ run }) => retention.isAmongLast(run, this.#rule.keepLast),
    });
  }

  async #feed(
    choice: Choice<RunCandidate>,
    page: (limit: number, after?: EndedCursor) => EndedRun[],
    { logsAlone = false } = {},
  ): Promise<void> {
    let last: EndedRun | undefined;
    do {
      const runs = page(rowsAtOnce, last);
      last = runs.at(-1);
      for (const run of runs) {
        if (this.#goneRuns.has(run.id)) continue;
        const logBytes = this.#goneLogs.has(run.id) ? 0 : run.logBytes;
        const bytes = logsAlone ? logBytes : logBytes + run.historyBytes;
        if (!choice.consider({ run, endedAt: run.endedAt, bytes })) last = undefined;
        if (last === undefined) break;
      }
      await setImmediate();
    } while (last !== undefined && !this.#stopping.aborted);
    choice.finish();
  }
}
