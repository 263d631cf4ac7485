import type { RunId } from "../../domain/ids.ts";
import type { Step } from "../../domain/plan.ts";
import type { RunBooks } from "../run-books.ts";

/**
 * Lets steps go on whose needs are met: into the queue, or to be resolved first. Gives the names of the
 * latter; whoever does not see to them itself tells of them by {@link announce}.
 */
export function openSteps(
  books: RunBooks,
  runId: RunId,
  names: readonly string[],
  notBeforeAt = 0,
): string[] {
  const { store } = books;
  return names.filter((name) => {
    const step = store.runs.step(runId, name);
    if (isResolved(step)) return store.steps.move(runId, name, "resolving");
    enqueue(books, runId, step, notBeforeAt);
    return false;
  });
}

/** Tells whoever resolves of steps that are to be resolved. */
export function announce({ events }: RunBooks, runId: RunId, names: readonly string[]): void {
  for (const step of names) events.append("step.resolving", { runId, facts: { step } });
}

/** Puts a step into the queue; false when it is in no state to be. */
export function enqueue({ store }: RunBooks, runId: RunId, step: Step, notBeforeAt = 0): boolean {
  const row = store.steps.get(runId, step.name);
  const run = store.runs.get(runId);
  if (row === undefined || run === undefined) return false;
  if (!store.steps.move(runId, step.name, "ready")) return false;
  const { priority } = run;
  const place = {
    runId,
    step: step.name,
    priority,
    weight: row.weight,
    notBeforeAt,
    passedOver: 0,
  };
  store.ready.insert(place, step.claims);
  return true;
}

/** A step that reads nothing, keeps nothing and has no key is done without asking what it works on. */
function isResolved(step: Step): boolean {
  return step.cache !== "never" || step.output !== undefined || Object.keys(step.inputs).length > 0;
}
