/*
 * The promise itself: many more runs than fit are submitted at once, each needs four times what is first
 * given to it, and the box stands. Every run must succeed, the need must be learnt at once, and what the
 * box gives must be used while there is work waiting.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "../../../client/connection.ts";
import type { BlutEvent } from "../../../daemon/domain/event.ts";
import { BenchDaemon, call, submit } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { inFlight } from "../support/samples.ts";
import { boxOomKills, needOf, sliceDirectory } from "../support/box-facts.ts";

const runs = 300;
const needMib = 200;
/** Long against the seconds in which a run grows: those are the processor's, not the admission's. */
const holdSeconds = 30;
/** Below what one connection may have unanswered. */
const atOnce = 200;
const sampleMs = 500;
const stage = join(import.meta.dirname, "../../fixtures/stages/grow-memory");

await using daemon = await new BenchDaemon(["--default-memory", "50M"]).startWarm();
const connection = await daemon.connect();
const killsBefore = boxOomKills();

say(`submitting ${runs} runs of ${needMib} MiB`);
const argv: [string, ...string[]] = [stage, String(needMib), String(holdSeconds)];
const ids: string[] = [];
await inFlight(atOnce, runs, async () => ids.push(await submit(connection, argv)));

/** Memory in use over the budget, looked at until the queue is empty, from when the first had ended. */
const all: number[] = [];
const learnt: number[] = [];
const promised: number[] = [];
const slice = sliceDirectory();
for (;;) {
  const { counts, memory } = await call(connection, "daemon.status", {});
  if (counts.queued === 0) break;
  const share = needOf(slice) / memory.budgetBytes;
  all.push(share);
  if (counts.ended > 0) {
    learnt.push(share);
    promised.push(memory.reservedBytes / memory.budgetBytes);
  }
  if (all.length % 60 === 0) say(`${counts.ended} ended, ${counts.running} run`);
  await sleep(sampleMs);
}
while ((await call(connection, "daemon.status", {})).counts.ended < runs) await sleep(sampleMs);

const { runs: ended } = await call(connection, "run.list", { limit: 1000 });
const succeeded = ended.filter(({ id, state }) => ids.includes(id) && state === "succeeded").length;
const events = await everything(connection);
const firstEnd = events.findIndex(({ kind }) => kind === "run.succeeded");
const kills = (some: readonly BlutEvent[]): number =>
  some.filter(({ kind, facts }) => kind === "attempt.ended" && isOwnLimit(facts["outcome"])).length;
const mean = (samples: readonly number[]): number =>
  (samples.reduce((a, b) => a + b, 0) / samples.length) * 100;

report(
  {
    what: "out-of-memory kills of the box",
    unit: "kills",
    value: boxOomKills() - killsBefore,
    target: { of: "value", is: "at most", bound: 0 },
  },
  {
    what: `of ${runs} runs succeeded`,
    unit: "runs",
    value: succeeded,
    target: { of: "value", is: "at least", bound: runs },
  },
  {
    what: "own-limit kills once the first had ended",
    unit: "kills",
    value: kills(events.slice(firstEnd)),
    target: { of: "value", is: "at most", bound: 2 },
  },
  { what: "own-limit kills before that", unit: "kills", value: kills(events.slice(0, firstEnd)) },
  {
    what: "budget in use while runs wait",
    unit: "%",
    value: mean(all),
    target: { of: "value", is: "at least", bound: 70 },
  },
  { what: "the same once the first had ended", unit: "%", value: mean(learnt) },
  { what: "promised to runs in that time", unit: "%", value: mean(promised) },
);

function isOwnLimit(outcome: unknown): boolean {
  const known = typeof outcome === "object" && outcome !== null && "cause" in outcome;
  return known && outcome.cause === "out-of-memory";
}

async function everything(from: Connection): Promise<BlutEvent[]> {
  const events: BlutEvent[] = [];
  for (;;) {
    const page = await call(from, "events.list", { since: events.at(-1)?.seq ?? 0, limit: 1000 });
    if (page.events.length === 0) return events;
    events.push(...(page.events as BlutEvent[]));
  }
}
