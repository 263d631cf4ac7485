import type { Failure } from "../../domain/failure.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import { define, type RpcContext } from "../context.ts";
import { findRow, resolveRuns } from "../resolve-runs.ts";

/** Keeps runs and the artifacts they made from every pruning and collection. */
export const runPin = define("run.pin", ({ runs }, context) => setPinned(context, runs, true));

/** Pins runs or lets them go; what is so already is no news. */
export async function setPinned(
  { store, events }: Pick<RpcContext, "store" | "events">,
  selectors: readonly string[],
  pinned: boolean,
): Promise<Result<MethodResult<"run.pin">, Failure>> {
  const ids = resolveRuns(store, selectors, { allowAll: false, ofName: "the-only-one" });
  if (!ids.ok) return ids;
  return store.write(() => {
    for (const id of ids.value) {
      const run = findRow(store, id);
      if (!run.ok) return run;
      if (run.value.pinned === pinned || !store.retention.setPinned(id, pinned)) continue;
      events.append(pinned ? "run.pinned" : "run.unpinned", { runId: id });
    }
    return ok({ pinned, runs: ids.value });
  });
}
