import { z } from "zod";
import { noticeWays, type NoticeOutcome, type NoticeWay } from "../domain/notice.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Store } from "../store/store.ts";

const streak = z.object({ failures: z.int(), since: z.number(), because: z.string() });
const streaksSchema = z.partialRecord(z.enum(noticeWays), streak);

/** How often in a row a way has failed, since when (epoch ms), and why it did last. */
export type Streak = z.infer<typeof streak>;
/** The ways that fail. */
export type Streaks = Readonly<Partial<Record<NoticeWay, Streak>>>;

const setting = "notify.failing";

/** The ways that failed last; it outlives the daemon. */
export function streaksOf(store: Store): Streaks {
  const stored = streaksSchema.safeParse(store.settings.get(setting));
  return stored.success ? stored.data : {};
}

/** Within a change: counts what came of a notice. A way that begins to fail, or ends to, is told of once. */
export function countOutcomes(
  { store, events }: { readonly store: Store; readonly events: EventLog },
  outcomes: readonly NoticeOutcome[],
  at: number,
): void {
  const streaks = { ...streaksOf(store) };
  for (const { way, result, because = "" } of outcomes) {
    const before = streaks[way];
    if (result === "failed") {
      const failures = (before?.failures ?? 0) + 1;
      streaks[way] = { failures, since: before?.since ?? at, because };
      if (before === undefined) events.append("notify.failed", { facts: { way, because } });
    } else if (before !== undefined) {
      Reflect.deleteProperty(streaks, way);
      events.append("notify.restored", { facts: { way, failures: before.failures } });
    }
  }
  store.settings.set(setting, streaks);
}
