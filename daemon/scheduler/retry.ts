import { didYouMean } from "../base/quoted.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { RunId } from "../domain/ids.ts";
import { downstreamOf, graphOf, type PlanGraph } from "../domain/plan-graph.ts";
import type { Plan } from "../domain/plan.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { StepRow } from "../store/steps.ts";
import type { Store } from "../store/store.ts";
import type { CarriedStep } from "./door.ts";

/** What of a run is done again: without `from` whatever did not succeed, or all of one that did. */
export interface RetryWish {
  /** This step and everything after it, whatever the cache has. */
  readonly from?: string | undefined;
  /** Only that step; the rest is left as it was. */
  readonly only?: boolean | undefined;
}

/** What the new run takes over of an ended one: results as they are, and checkpoints to go on from. */
export function carriedOf(
  store: Store,
  run: RunId,
  plan: Plan,
  wish: RetryWish,
): Result<ReadonlyMap<string, CarriedStep>, Failure> {
  const graph = graphOf(plan);
  const rows = new Map(store.steps.of(run).map((row) => [row.name, row]));
  const again = redone(run, graph, rows, wish);
  if (!again.ok) return again;
  const carried = new Map<string, CarriedStep>();
  for (const name of graph.steps.keys()) {
    const row = rows.get(name);
    if (row === undefined) continue;
    const isForced = wish.from !== undefined && again.value.has(name);
    if (!again.value.has(name) && isThere(store, row)) {
      carried.set(name, { state: "succeeded", more: resultOf(row) });
    } else if (wish.only === true && !isForced) {
      carried.set(name, { state: "skipped", more: ended(row) });
    } else {
      // What succeeded is done afresh: from its last checkpoint nothing would be left to do.
      const checkpoint = row.state === "succeeded" ? undefined : row.checkpoint;
      const more = { forced: isForced, ...(checkpoint !== undefined && { checkpoint }) };
      carried.set(name, { state: "waiting", more });
    }
  }
  return ok(carried);
}

/** Names of the steps that are done again whatever they came to. */
function redone(
  run: RunId,
  graph: PlanGraph,
  rows: ReadonlyMap<string, StepRow>,
  { from, only = false }: RetryWish,
): Result<ReadonlySet<string>, Failure> {
  const all = [...graph.steps.keys()];
  const hasSucceeded = (name: string): boolean => rows.get(name)?.state === "succeeded";
  if (from === undefined) {
    // Of a run in which all went well there is no rest; to ask again means all of it.
    return ok(new Set(all.every(hasSucceeded) ? all : all.filter((name) => !hasSucceeded(name))));
  }
  if (!graph.steps.has(from)) return err(noSuchStep(run, from, all));
  if (!only) return ok(new Set([from, ...downstreamOf(graph, from)]));
  const needs = graph.needs.get(from) ?? [];
  const open = needs.find(({ step, isOptional }) => !isOptional && !hasSucceeded(step));
  return open === undefined ? ok(new Set([from])) : err(needIsOpen(from, open.step));
}

/** Whether it succeeded and what it left is still kept. */
function isThere({ artifacts }: Store, { state, output }: StepRow): boolean {
  if (state !== "succeeded") return false;
  return output === undefined || artifacts.get(output.digest) !== undefined;
}

function resultOf(row: StepRow): CarriedStep["more"] {
  const { output, cacheKey, runId, cachedFrom = runId } = row;
  return {
    ...ended(row),
    cachedFrom,
    ...(output !== undefined && { output }),
    ...(cacheKey !== undefined && { cacheKey }),
  };
}

function ended({ endedAt, because }: StepRow): CarriedStep["more"] {
  return {
    ...(endedAt !== undefined && { endedAt }),
    ...(because !== undefined && { because }),
  };
}

function noSuchStep(run: RunId, step: string, known: readonly string[]): Failure {
  return failure(
    "not-found",
    `it has no step ${step}${didYouMean(step, known)}`,
    `see its steps: blutctl show ${run}`,
  );
}

function needIsOpen(step: string, need: string): Failure {
  return failure(
    "wrong-state",
    `${step} alone cannot be done again: ${need}, which it needs, did not succeed`,
    `retry from ${need}, or leave out --only`,
  );
}
