import type { RunId } from "../../domain/ids.ts";
import type { Plan, Step } from "../../domain/plan.ts";
import { isFinal, isFinalStep } from "../../domain/run.ts";
import { wordText } from "../../domain/word.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { RunRow } from "../../store/runs.ts";
import type { StepRow } from "../../store/steps.ts";
import type { RpcContext } from "../context.ts";

type StepDetail = MethodResult<"run.get">["steps"][number];

/** Which steps of a run are shown: a page of them, in the order of the plan, elements after their step. */
export interface StepPage {
  readonly from: number;
  readonly limit: number;
  /** Only this one and its elements. */
  readonly step?: string;
}

/** A page of a run's steps. */
export function stepDetails(
  context: RpcContext,
  { run, plan, rows }: { run: RunRow; plan: Plan; rows: readonly StepRow[] },
  { from, limit, step: only }: StepPage,
): StepDetail[] {
  const { store } = context;
  const wanted = rows.filter((row) => only === undefined || isOf(only, row));
  return inPlanOrder(plan, wanted, only)
    .slice(from, from + limit)
    .map((row) => {
      const step = store.runs.step(run.id, row.name);
      return stepDetail(context, { run, step, row, newest: newestOf(context, run.id, row) });
    });
}

/** How many steps of a run are in each state. */
export function stepCounts(rows: readonly StepRow[]): MethodResult<"run.get">["stepCounts"] {
  const counts: Partial<Record<StepRow["state"], number>> = {};
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** Whether a row is a step's own or one of its elements'. */
function isOf(step: string, { name, parent }: StepRow): boolean {
  return name === step || parent === step;
}

/** Rows as the plan has them, elements after their step; `element` may be there without its step. */
export function inPlanOrder(plan: Plan, rows: readonly StepRow[], element?: string): StepRow[] {
  // An element alone has no row of its step beside it.
  if (rows.length === 1 && rows[0]?.name === element) return [...rows];
  const byName = new Map(rows.map((row) => [row.name, row]));
  const elements = Map.groupBy(
    rows.filter(({ parent }) => parent !== undefined),
    ({ parent }) => parent,
  );
  return plan.steps.flatMap(({ name }) => {
    const row = byName.get(name);
    const under = elements.get(name) ?? [];
    under.sort((a, b) => (a.element?.index ?? 0) - (b.element?.index ?? 0));
    return row === undefined ? [] : [row, ...under];
  });
}

function newestOf({ store }: RpcContext, id: RunId, row: StepRow): AttemptRow | undefined {
  return row.attempts === 0 ? undefined : store.attempts.newestOf(id, row.name);
}

function stepDetail(
  { scheduler }: RpcContext,
  of: { run: RunRow; step: Step; row: StepRow; newest: AttemptRow | undefined },
): StepDetail {
  const { run, step, row, newest } = of;
  const isOver = isFinal(run.state) || isFinalStep(row.state);
  const wait = isOver ? undefined : scheduler.waitOf(run.id, step.name);
  const usage = newest?.state === "running" ? scheduler.usageOf(newest.id) : undefined;
  const { parent, element, because, cachedFrom, cacheKey, output, end, endedAt } = row;
  return {
    name: row.name,
    state: row.state,
    stage: step.stage.name,
    needs: [...step.needs],
    argv: step.argv.map(wordText),
    cwd: step.cwd,
    calibrationKey: step.calibrationKey,
    attempts: row.attempts,
    ...(parent !== undefined && { parent }),
    ...(element !== undefined && { element: element.key }),
    ...(because !== undefined && { because }),
    ...(cachedFrom !== undefined && { cachedFrom }),
    ...(cacheKey !== undefined && { key: cacheKey }),
    ...(output !== undefined && { artifact: output.digest, kind: output.kind }),
    ...(newest !== undefined && { limitBytes: newest.limitBytes }),
    ...(usage !== undefined && { usedBytes: usage.needBytes }),
    ...(newest?.peaks?.needBytes !== undefined && { peakNeedBytes: newest.peaks.needBytes }),
    ...(newest?.startedAt !== undefined && { startedAt: newest.startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(end !== undefined && { end }),
    ...(wait !== undefined && { wait }),
  };
}
