import type { RunRow } from "../../store/runs.ts";
import type { Store } from "../../store/store.ts";

/**
 * The step of a run that tells most of it, where none was asked for: the first that failed, else one that
 * runs, else the one that was tried last. Undefined before anything was tried.
 */
export function tellingStep(store: Store, { id, end }: RunRow): string | undefined {
  if (end !== undefined && "step" in end) return end.step;
  const failed = store.steps.firstEnded(id, "failed")?.name;
  return failed ?? (store.attempts.newestLiveOf(id) ?? store.attempts.newestOf(id))?.step;
}
