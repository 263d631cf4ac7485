import type { ArtifactUse } from "../../domain/artifact.ts";
import type { RunId } from "../../domain/ids.ts";
import { graphOf, type PlanGraph } from "../../domain/plan-graph.ts";
import type { RunEnd, StepPlace } from "../../domain/run.ts";
import type { StepRow } from "../../store/steps.ts";
import type { RunBooks } from "../run-books.ts";
import { endOfElements } from "./elements.ts";
import { openSteps } from "./open-steps.ts";

/** What a step came to by itself. */
export type StepEnd =
  | { readonly state: "succeeded"; readonly output?: ArtifactUse; readonly cachedFrom?: RunId }
  | { readonly state: "failed" | "pruned"; readonly end: RunEnd }
  | { readonly state: "cancelled"; readonly end?: RunEnd };

/** A step that came to its end, by itself or because of one before it. */
type Ending =
  | (StepEnd & { readonly step: string })
  | { readonly state: "skipped" | "pruned"; readonly step: string; readonly because: string };

/**
 * Ends a step and settles everything that needed it, however far down: what may go on goes on, what
 * cannot is skipped and names the step that was first. Gives the names of the steps that are to be resolved now.
 */
export function endStep(books: RunBooks, { runId, step }: StepPlace, end: StepEnd): string[] {
  const plan = books.store.runs.plan(runId);
  if (plan === undefined) throw new Error(`run ${runId} has no plan`);
  const walk = new Walk(books, runId, graphOf(plan));
  walk.settle({ ...end, step });
  return walk.resolving;
}

/** One walk down from a step that ended; a list instead of recursion, because plans are deep. */
class Walk {
  readonly resolving: string[] = [];
  readonly #books: RunBooks;
  readonly #runId: RunId;
  readonly #graph: PlanGraph;
  readonly #open: Ending[] = [];

  constructor(books: RunBooks, runId: RunId, graph: PlanGraph) {
    this.#books = books;
    this.#runId = runId;
    this.#graph = graph;
  }

  settle(first: Ending): void {
    this.#open.push(first);
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) {
      const row = this.#finish(next);
      if (row === undefined) continue;
      if (row.parent === undefined) this.#settleDependents(next);
      else this.#settleParent(row.parent);
      if (next.state === "failed") this.#failFast(next.step);
    }
  }

  /** The row of a step that ended just now; undefined when it had before. */
  #finish(ending: Ending): StepRow | undefined {
    const { store, clock } = this.#books;
    const { state, step, ...final } = ending;
    const row = store.steps.get(this.#runId, step);
    if (row === undefined) return undefined;
    if (row.state === "ready") store.ready.delete(this.#runId, step);
    const at = clock.now();
    if (!store.steps.finish(this.#runId, step, state, { at, ...final })) return undefined;
    this.#tell(row, ending);
    return row;
  }

  /** A run of one plain step says it all by itself. */
  #tell({ parent }: StepRow, ending: Ending): void {
    if (this.#graph.steps.size === 1 && parent === undefined) return;
    const { state, step } = ending;
    if (state === "cancelled") return;
    const kind = "cachedFrom" in ending ? "step.cached" : (`step.${state}` as const);
    this.#books.events.append(kind, {
      runId: this.#runId,
      facts: {
        step,
        ...("because" in ending && { because: ending.because }),
        ...("end" in ending && { end: { ...ending.end } }),
        ...("output" in ending && { artifact: ending.output.digest }),
        ...("cachedFrom" in ending && { from: ending.cachedFrom }),
      },
    });
  }

  #settleDependents(ended: Ending): void {
    const { store } = this.#books;
    const opened: string[] = [];
    for (const { step, isOptional } of this.#graph.dependents.get(ended.step) ?? []) {
      if (ended.state === "succeeded" || isOptional) {
        const { openNeeds, state } = store.steps.closeNeed(this.#runId, step);
        if (openNeeds === 0 && state === "waiting") opened.push(step);
      } else if (ended.state !== "cancelled") {
        const because = "because" in ended ? ended.because : ended.step;
        const state = ended.state === "pruned" ? "pruned" : "skipped";
        this.#open.push({ state, step, because });
      }
    }
    this.resolving.push(...openSteps(this.#books, this.#runId, opened));
  }

  /** With the last of its elements, a mapped step ends badly, or their artifacts are put together. */
  #settleParent(parent: string): void {
    const { store } = this.#books;
    const { openNeeds, state } = store.steps.closeNeed(this.#runId, parent);
    if (openNeeds > 0 || state !== "running") return;
    const end = endOfElements(store.steps.elementsOf(this.#runId, parent));
    if (end !== undefined) this.#open.push({ ...end, step: parent });
    else if (store.steps.move(this.#runId, parent, "resolving")) this.resolving.push(parent);
  }

  #failFast(because: string): void {
    const { store, clock } = this.#books;
    if (store.runs.get(this.#runId)?.failFast !== true) return;
    store.ready.deleteOf(this.#runId);
    store.steps.endRest(this.#runId, "skipped", { at: clock.now(), because });
  }
}
