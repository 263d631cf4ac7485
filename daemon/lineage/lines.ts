import type { BlutEvent } from "../domain/event.ts";
import { isRunId } from "../domain/ids.ts";
import type { LineageRead, LineageWrite } from "../domain/lineage.ts";
import type { StepPlace } from "../domain/run.ts";
import type { Store } from "../store/store.ts";

/** A line of `lineage.jsonl`: everything that the tables know of one step. */
export interface LineageLine extends StepPlace {
  readonly version: 1;
  readonly reads: readonly LineageRead[];
  readonly write?: LineageWrite;
}

const stepEnds = new Set<BlutEvent["kind"]>([
  "step.cached",
  "step.succeeded",
  "step.failed",
  "step.pruned",
]);
const runEnds = new Set<BlutEvent["kind"]>(["run.succeeded", "run.failed", "run.cancelled"]);

/** The lines that these events of one run call for, each with its newline. */
export function lineageLines(store: Store, runId: string, events: readonly BlutEvent[]): string {
  if (!isRunId(runId)) return "";
  const ended = events.flatMap(({ kind, facts }) =>
    stepEnds.has(kind) && typeof facts["step"] === "string" ? [facts["step"]] : [],
  );
  // A run of one step tells of it by its own end alone.
  if (events.some(({ kind }) => runEnds.has(kind))) {
    const only = store.lineage.onlyStepOf(runId);
    if (only !== undefined) ended.push(only);
  }
  return [...new Set(ended)].map((step) => lineOf(store, { runId, step })).join("");
}

function lineOf(store: Store, place: StepPlace): string {
  const reads = store.lineage.readsOf(place);
  const write = store.lineage.writeOf(place);
  if (reads.length === 0 && write === undefined) return "";
  const line: LineageLine = { version: 1, ...place, reads, ...(write !== undefined && { write }) };
  return `${JSON.stringify(line)}\n`;
}
