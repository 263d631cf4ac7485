import { elementName, type Element, type Step } from "../../domain/plan.ts";
import type { RunId } from "../../domain/ids.ts";
import type { RunEnd } from "../../domain/run.ts";
import type { StepRow } from "../../store/steps.ts";
import type { RunBooks } from "../run-books.ts";
import { openSteps } from "./open-steps.ts";

/** A bad end that all the elements of a mapped step came to together. */
type BadEnd =
  { readonly state: "failed" | "pruned"; readonly end: RunEnd } | { readonly state: "cancelled" };

/**
 * Fans a mapped step out: one step of its own for each entry of the list, which runs as any other. An
 * element that the retried run had finished keeps its result. Gives the names of those to be resolved.
 */
export function fanOut(
  books: RunBooks,
  runId: RunId,
  step: Step,
  elements: readonly Element[],
): string[] {
  const { store, events } = books;
  const parent = store.steps.get(runId, step.name);
  if (parent === undefined || !store.steps.move(runId, step.name, "running")) return [];
  const earlier = parent.forced ? undefined : store.runs.get(runId)?.retriedFrom;
  const open = elements.filter((element) => {
    const name = elementName(step.name, element.index);
    const done = earlier && finishedBefore(store, store.steps.get(earlier, name), element);
    const { weight, forced } = parent;
    const born = { parent: step.name, element, weight, forced };
    if (done === undefined) store.steps.insert(runId, name, "waiting", born);
    else store.steps.insert(runId, name, "succeeded", { ...born, ...done });
    return done === undefined;
  });
  store.steps.setOpenNeeds(runId, step.name, open.length);
  events.append("step.mapped", { runId, facts: { step: step.name, elements: elements.length } });
  if (open.length === 0) return store.steps.move(runId, step.name, "resolving") ? [step.name] : [];
  const names = open.map(({ index }) => elementName(step.name, index));
  return openSteps(books, runId, names);
}

/** The bad end of a mapped step whose elements are all over; undefined when there is something to gather. */
export function endOfElements(elements: readonly StepRow[]): BadEnd | undefined {
  const of = (state: StepRow["state"]): StepRow[] => elements.filter((e) => e.state === state);
  const firstEnd = (rows: readonly StepRow[]): RunEnd | undefined =>
    rows
      .filter(({ end }) => end !== undefined)
      .sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))[0]?.end;
  const failure = firstEnd(of("failed"));
  if (failure !== undefined) return { state: "failed", end: failure };
  if (of("cancelled").length > 0) return { state: "cancelled" };
  const divergence = firstEnd(of("pruned"));
  if (divergence === undefined || of("succeeded").length > 0) return undefined;
  return { state: "pruned", end: divergence };
}

/** What an element came to in the retried run, if that is still kept. */
function finishedBefore(
  { artifacts }: RunBooks["store"],
  row: StepRow | undefined,
  element: Element,
): Pick<StepRow, "output" | "cachedFrom" | "endedAt" | "cacheKey"> | undefined {
  if (row?.state !== "succeeded" || row.output === undefined) return undefined;
  if (artifacts.get(row.output.digest) === undefined) return undefined;
  const { key, artifact } = row.element ?? {};
  if (key !== element.key || artifact !== element.artifact) return undefined;
  const { output, endedAt, cacheKey, cachedFrom = row.runId } = row;
  return {
    output,
    cachedFrom,
    ...(endedAt !== undefined && { endedAt }),
    ...(cacheKey !== undefined && { cacheKey }),
  };
}
