import type { BlutEvent } from "../../domain/event.ts";
import type { RunId } from "../../domain/ids.ts";
import { ok } from "../../domain/result.ts";
import { finalRunStates, isFinal } from "../../domain/run.ts";
import { Bell } from "../feeds/bell.ts";
import { define } from "../context.ts";
import { resolveRuns, rowOf } from "../resolve-runs.ts";
import { standingOf } from "../views/run-view.ts";

const endKinds = new Set<BlutEvent["kind"]>(finalRunStates.map((state) => `run.${state}` as const));

/** Waits until runs have ended, or the first of them; answers how they stand when the wait is over. */
export const runWait = define("run.wait", async (params, context, { signal }) => {
  const { store, events, clock } = context;
  const resolved = resolveRuns(store, params.runs, { allowAll: true });
  if (!resolved.ok) return resolved;
  const ids = resolved.value;
  const open = new Set<string>(ids.filter((id) => !isFinal(rowOf(store, id).state)));
  const bell = new Bell();
  const stop = events.onAppend(({ kind, runId }) => {
    if (runId !== undefined && endKinds.has(kind) && open.delete(runId)) bell.ring();
  });
  const isDone = (): boolean => open.size === 0 || (params.any && open.size < ids.length);
  const end = { deadlineMs: clock.monotonic() + params.waitMs, signal, clock };
  while (!isDone() && (await bell.heard(end)));
  stop();
  const standing = (id: RunId) => {
    const run = rowOf(store, id);
    const { state, exitCode } = run;
    const sentence = standingOf(context, run);
    return { id, state, ...(exitCode !== undefined && { exitCode }), sentence };
  };
  return ok({ done: isDone(), runs: ids.map(standing) });
});
