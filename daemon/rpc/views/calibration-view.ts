import { footprintOf } from "../../broker/estimate.ts";
import { limitSentence } from "../../broker/sentences.ts";
import { exceedsSentence } from "../../domain/end-words.ts";
import type { Calibration } from "../../domain/calibration.ts";
import { isRunId } from "../../domain/ids.ts";
import { failure, type Failure } from "../../domain/failure.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { Store } from "../../store/store.ts";
import type { RpcContext } from "../context.ts";
import { findRow } from "../resolve-runs.ts";
import { quoted } from "../../base/quoted.ts";

/** What is known of a key, and the limit that a step of this key would get next. */
export function calibrationView(
  { broker, config, store }: RpcContext,
  known: Calibration,
): MethodResult<"calibration.get"> {
  const next = footprintOf({
    history: known,
    ask: {},
    policy: config.memory,
    budgetBytes: broker.status().memory.budgetBytes,
  });
  const gone = goneRuns(store, known);
  if (next.ok) {
    const { limitBytes, origin } = next.value;
    const sentence = limitSentence(origin, limitBytes);
    return { ...known, gone, nextLimitBytes: limitBytes, sentence };
  }
  const { neededBytes, ceilingBytes } = next.error;
  const sentence = exceedsSentence(neededBytes, ceilingBytes);
  return { ...known, gone, nextLimitBytes: ceilingBytes, sentence };
}

function goneRuns(store: Store, { cleanPeak, killedAt }: Calibration): string[] {
  const named = [cleanPeak, killedAt].flatMap((evidence) => evidence?.runId ?? []);
  return [...new Set(named)].filter((id) => !isRunId(id) || !findRow(store, id).ok);
}

/** Nothing is known of a key. */
export function unknownKey(key: string): Failure {
  const message = `nothing is known of the key ${quoted(key)}`;
  return failure("not-found", message, "list them: blutctl calibration list", { data: { key } });
}
