import { footprintOf } from "../../broker/estimate.ts";
import { limitSentence } from "../../broker/sentences.ts";
import { exceedsSentence } from "../../domain/end-words.ts";
import type { Calibration } from "../../domain/calibration.ts";
import { failure, type Failure } from "../../domain/failure.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { RpcContext } from "../context.ts";
import { quoted } from "../../base/quoted.ts";

/** What is known of a key, and the limit that a step of this key would get next. */
export function calibrationView(
  { broker, config }: RpcContext,
  known: Calibration,
): MethodResult<"calibration.get"> {
  const next = footprintOf({
    history: known,
    ask: {},
    policy: config.memory,
    budgetBytes: broker.status().memory.budgetBytes,
  });
  if (next.ok) {
    const { limitBytes, origin } = next.value;
    return { ...known, nextLimitBytes: limitBytes, sentence: limitSentence(origin, limitBytes) };
  }
  const { neededBytes, ceilingBytes } = next.error;
  const sentence = exceedsSentence(neededBytes, ceilingBytes);
  return { ...known, nextLimitBytes: ceilingBytes, sentence };
}

/** Nothing is known of a key. */
export function unknownKey(key: string): Failure {
  const message = `nothing is known of the key ${quoted(key)}`;
  return failure("not-found", message, "list them: blutctl calibration list", { data: { key } });
}
