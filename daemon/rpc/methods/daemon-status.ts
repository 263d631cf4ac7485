import { ok } from "../../domain/result.ts";
import { finalRunStates } from "../../domain/run.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import { define, type RpcContext } from "../context.ts";
import { buildView } from "../views/build-view.ts";
import { notifyProblems } from "../views/notify-view.ts";
import { firstWait, runSummary } from "../views/run-view.ts";
import { rowOf } from "../resolve-runs.ts";

const mostRunning = 50;
const mostWaiting = 20;
const mostRecent = 5;

/** What runs, what waits and why, what the box has left. */
export const daemonStatus = define("daemon.status", async (_params, context) => {
  const { store, scheduler, broker, config } = context;
  const hold = scheduler.currentHold();
  const running = store.runs.list({ states: ["running"], limit: mostRunning });
  const recent = store.runs.list({ states: finalRunStates, limit: mostRecent });
  return ok({
    ...buildView(context.build, await context.build.whole()),
    pid: process.pid,
    startedAt: context.startedAt,
    containment: config.containment,
    containmentSentence: context.containmentSentence,
    ...(hold !== undefined && { hold }),
    ...broker.status(),
    counts: store.runs.counts(),
    schedules: scheduleCounts(context),
    health: [...context.health(), ...notifyProblems(context.teller)],
    running: running.map((run) => runSummary(context, run)),
    waiting: waitingRuns(context),
    recent: recent.map((run) => runSummary(context, run)),
  });
});

function scheduleCounts({ timers }: RpcContext): MethodResult<"daemon.status">["schedules"] {
  const next = timers.timetable.next();
  return { ...timers.timetable.counts(), ...(next !== undefined && { next: { ...next } }) };
}

/** The head of the line in its order; when nothing is ready, those that wait for something else. */
function waitingRuns(context: RpcContext): MethodResult<"daemon.status">["waiting"] {
  const { store, clock } = context;
  const ready = store.ready.head(clock.now(), mostWaiting).map(({ runId }) => runId);
  const oldest = store.runs.live(mostWaiting + mostRunning);
  return [...new Set([...ready, ...oldest])]
    .map((id) => rowOf(store, id))
    .filter(({ state }) => state === "queued")
    .slice(0, mostWaiting)
    .map((run) => {
      const wait = firstWait(context, run);
      return { ...runSummary(context, run), ...(wait !== undefined && { wait }) };
    });
}
