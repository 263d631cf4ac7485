import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytes } from "./bytes.ts";

type Known = Pick<MethodResult<"calibration.get">, "cleanPeak" | "killedAt" | "pinned">;

/** What is known of a key's need, with where it is known from. */
export function calibrationWords({ cleanPeak, killedAt, pinned }: Known): string {
  const parts = [
    pinned === undefined ? "" : `pinned at ${formatBytes(pinned.bytes)}`,
    cleanPeak === undefined
      ? ""
      : `clean peak ${formatBytes(cleanPeak.bytes)} (${cleanPeak.runId})`,
    killedAt === undefined ? "" : `killed at ${formatBytes(killedAt.bytes)} (${killedAt.runId})`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nothing yet" : parts.join("; ");
}
