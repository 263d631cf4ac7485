import { failure, type Failure } from "../../domain/failure.ts";
import { err, ok } from "../../domain/result.ts";
import type { MethodResult, ParsedParams } from "../../protocol/methods.ts";
import { metricFilePath } from "../../stage-events/metric-file.ts";
import { readMetrics } from "../../stage-events/metric-reader.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { RunRow } from "../../store/runs.ts";
import { define, type RpcContext } from "../context.ts";
import { storedRun } from "../resolve-runs.ts";
import { planOf } from "../views/run-view.ts";
import { inPlanOrder } from "../views/step-view.ts";

type Asked = ParsedParams<"run.metrics">;
type Told = MethodResult<"run.metrics">["attempts"][number];

/** Names answered of one attempt, and bytes read of its file. */
const ofOneAttempt = { series: 64, bytes: 64 * 1024 ** 2 };
/** So many points fit a frame, however long their numbers are. */
const mostPoints = 30_000;

/** What stages measured, thinned out, and how far those that run are. */
export const runMetrics = define("run.metrics", async (params, context) => {
  const run = storedRun(context.store, params.run);
  if (!run.ok) return run;
  const rows = attemptsOf(context, run.value, params);
  if (rows.length === 0 && (params.step ?? params.attempt) !== undefined) {
    return err(noAttempt(run.value, params));
  }
  const attempts: Told[] = [];
  let points = 0;
  for (const row of rows) {
    const told = await tellOf(context, row, params);
    if (told === undefined) continue;
    points += told.series.reduce((sum, series) => sum + series.points.length, 0);
    const isFull = attempts.length === params.limit || points > mostPoints;
    if (isFull && attempts.length > 0) return ok({ id: run.value.id, attempts, more: true });
    attempts.push(told);
  }
  return ok({ id: run.value.id, attempts, more: false });
});

/** The newest attempt of each step, in the plan's order, or those that were asked for; a mapped step has those of its elements. */
function attemptsOf(context: RpcContext, { id }: RunRow, { step, attempt }: Asked): AttemptRow[] {
  const { store } = context;
  const elements = step === undefined ? [] : store.steps.elementsOf(id, step);
  const names = new Set([step, ...elements.map(({ name }) => name)]);
  const asked = store.attempts
    .ofRun(id)
    .filter((row) => step === undefined || names.has(row.step))
    .filter(({ number }) => attempt === undefined || number === attempt);
  const newest = new Map(asked.map((row) => [row.step, row]));
  if (newest.size < 2) return [...newest.values()];
  // They may have started in any order.
  const ordered = inPlanOrder(planOf(context, id), store.steps.of(id));
  return ordered.flatMap(({ name }) => newest.get(name) ?? []);
}

/** Undefined when its stage has said nothing. */
async function tellOf(
  { scheduler }: RpcContext,
  row: AttemptRow,
  { points }: Asked,
): Promise<Told | undefined> {
  const { series, isPartial } = await readMetrics(row.directory, { ...ofOneAttempt, points });
  const progress = scheduler.saidBy(row.id)?.progress;
  if (series.length === 0 && progress === undefined) return undefined;
  const { step, number, state } = row;
  return {
    step,
    number,
    state,
    file: metricFilePath(row.directory),
    ...(progress !== undefined && { progress }),
    series: series.map((one) => ({ ...one, points: [...one.points] })),
    isPartial,
  };
}

function noAttempt({ id }: RunRow, { step, attempt }: Asked): Failure {
  const which = [
    attempt === undefined ? "attempt" : `attempt ${attempt}`,
    step === undefined ? "" : ` of a step \`${step}\``,
  ].join("");
  return failure("not-found", `${id} has no ${which}`, `see its attempts: blutctl show ${id}`);
}
