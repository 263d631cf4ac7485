import type { BlutEvent } from "../../domain/event.ts";
import { ok } from "../../domain/result.ts";
import { finalRunStates, isFinal } from "../../domain/run.ts";
import type { RunRow } from "../../store/runs.ts";
import { Bell } from "../feeds/bell.ts";
import { define } from "../context.ts";
import { findRow, resolveRuns, rowOf } from "../resolve-runs.ts";
import { standingOf } from "../views/run-view.ts";

const endKinds = new Set<BlutEvent["kind"]>(finalRunStates.map((state) => `run.${state}` as const));

/** Waits until runs have ended, or the first of them; answers how they stand when the wait is over. */
export const runWait = define("run.wait", async (params, context, { signal }) => {
  const { store, events, clock } = context;
  const resolved = resolveRuns(store, params.runs, { allowAll: true, ofName: "newest" });
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
  const rows = ids.map((id) => findRow(store, id));
  // Of many that are waited for, one may have ended so long ago that it was collected meanwhile.
  const gone = rows.find((row) => !row.ok);
  if (gone !== undefined) return gone;
  const standing = (run: RunRow) => {
    const { id, state, exitCode } = run;
    const sentence = standingOf(context, run);
    return { id, state, ...(exitCode !== undefined && { exitCode }), sentence };
  };
  return ok({ done: isDone(), runs: rows.flatMap((row) => (row.ok ? [standing(row.value)] : [])) });
});
