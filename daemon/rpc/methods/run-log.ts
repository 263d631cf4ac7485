import path from "node:path";
import { readLogPage, type LogPage } from "../../base/logs/log-file.ts";
import { failure, type Failure } from "../../domain/failure.ts";
import { isOfMany } from "../../domain/plan.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { isFinal } from "../../domain/run.ts";
import type { MethodResult, ParsedParams } from "../../protocol/methods.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { RunRow } from "../../store/runs.ts";
import { Bell } from "../feeds/bell.ts";
import type { Call } from "../call.ts";
import { define, type RpcContext } from "../context.ts";
import { logsCollected } from "../views/collected.ts";
import { tellingStep } from "../views/telling-step.ts";
import { LogWatch } from "../feeds/log-watch.ts";
import { findRow, storedRunWith } from "../resolve-runs.ts";

type Asked = ParsedParams<"run.log">;

/** Whose log it is. */
interface Place {
  /** Of a run of many steps alone. */
  readonly step: string | undefined;
  readonly attempt: AttemptRow | undefined;
}

/** What one look at a log found. Without an attempt there is no log yet. */
interface Look extends Place {
  readonly page: LogPage;
  /** Nothing will follow the page. */
  readonly ended: boolean;
}

const nothingYet: LogPage = {
  bytes: new Uint8Array(0),
  offset: 0,
  next: 0,
  droppedBytes: 0,
  isAtEnd: true,
};

/** A page of an attempt's log; with `waitMs`, news of it or of its end. */
export const runLog = define("run.log", async (params, context, call) => {
  const run = storedRunWith(context.store, params.run, params.step);
  if (!run.ok) return run;
  const found =
    params.waitMs === 0
      ? await look(context, run.value, params, undefined)
      : await follow(context, run.value, params, call);
  return found.ok ? ok(answer(found.value)) : found;
});

/** Looks until there is something to tell, the wait is over, or the client has gone. */
async function follow(
  context: RpcContext,
  run: RunRow,
  params: Asked,
  { signal }: Call,
): Promise<Result<Look, Failure>> {
  const { events, clock } = context;
  const bell = new Bell();
  const stopListening = events.onAppend(({ runId }) => {
    if (runId === run.id) bell.ring();
  });
  const watch = new LogWatch(bell.ring);
  const end = { deadlineMs: clock.monotonic() + params.waitMs, signal, clock };
  try {
    let found: Result<Look, Failure>;
    let last: Look | undefined;
    do {
      watch.move(placeOf(context, run, params).attempt?.directory);
      found = await look(context, run, params, last);
      if (!found.ok || isNews(found.value, params)) return found;
      last = found.value;
    } while (await bell.heard(end));
    return found;
  } finally {
    stopListening();
    watch.stop();
  }
}

async function look(
  context: RpcContext,
  run: RunRow,
  params: Asked,
  last: Look | undefined,
): Promise<Result<Look, Failure>> {
  // States first: what an attempt that had ended by then has written is all there is.
  const now = findRow(context.store, run.id);
  if (!now.ok) return now;
  const place = placeOf(context, now.value, params);
  const { attempt } = place;
  const isRunOver = isFinal(now.value.state);
  if (attempt === undefined) {
    return params.attempt === undefined
      ? ok({ ...place, page: nothingYet, ended: isRunOver })
      : err(noAttempt(run, params.attempt));
  }
  const isOver = params.attempt === undefined ? isRunOver : attempt.state === "ended";
  const page = await readLogPage(
    path.join(attempt.directory, `${params.stream}.log`),
    offsetOf(params, attempt, last),
    params.limit,
  );
  if (page !== undefined) return ok({ ...place, page, ended: isOver && page.isAtEnd });
  // Before the start there is no file yet; later only the work itself can have taken it away.
  return attempt.state === "starting"
    ? ok({ ...place, page: nothingYet, ended: false })
    : err(goneLogs(now.value) ?? notALog(run, params));
}

function goneLogs(run: RunRow): Failure | undefined {
  const { logsGoneAt: at, logsGoneBecause: because } = run;
  return at === undefined || because === undefined
    ? undefined
    : logsCollected(run, { at, because });
}

/** The step asked for, else the one that tells most; of it the attempt asked for, else the newest. */
function placeOf({ store }: RpcContext, run: RunRow, asked: Asked): Place {
  const step = asked.step ?? tellingStep(store, run);
  if (step === undefined) return { step, attempt: undefined };
  const attempt =
    asked.attempt === undefined
      ? store.attempts.newestOf(run.id, step)
      : store.attempts.ofStep(run.id, step).find(({ number }) => number === asked.attempt);
  return { step: isOfMany(store.runs.planForWords(run.id)) ? step : undefined, attempt };
}

/** News begins where the last look ended: an offset from the end would move with it. */
function offsetOf({ offset = 0 }: Asked, attempt: AttemptRow, last: Look | undefined): number {
  if (last?.attempt === undefined) return offset;
  return last.attempt.id === attempt.id ? last.page.next : 0;
}

/** An offset past the end is one of another log: whoever read that one to its end does not know of this one yet. */
function isNews({ page, ended }: Look, { offset = 0 }: Asked): boolean {
  return ended || page.bytes.length > 0 || page.droppedBytes > 0 || page.next < offset;
}

function answer({ step, attempt, page, ended }: Look): MethodResult<"run.log"> {
  return {
    attempt: attempt?.number ?? 0,
    ...(step !== undefined && { step }),
    base64: Buffer.from(page.bytes).toString("base64"),
    offset: page.offset,
    next: page.next,
    dropped: page.droppedBytes,
    ended,
  };
}

function noAttempt({ id }: RunRow, number: number): Failure {
  const message = `${id} has no attempt ${number}`;
  return failure("not-found", message, `see its attempts: blutctl show ${id}`);
}

function notALog({ id }: RunRow, { stream }: Asked): Failure {
  return failure(
    "not-found",
    `the ${stream} of ${id} is not the file that blut made: it was removed or replaced, and is not read`,
    `look at its directory: blutctl show ${id}`,
  );
}
