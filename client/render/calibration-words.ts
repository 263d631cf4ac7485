import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytes } from "./bytes.ts";

type Got = MethodResult<"calibration.get">;
type Known = Pick<Got, "cleanPeak" | "killedAt" | "pinned"> & Partial<Pick<Got, "gone">>;

/** What is known of a key's need, with where it is known from. */
export function calibrationWords({ cleanPeak, killedAt, pinned, gone = [] }: Known): string {
  const from = (id: string): string => (gone.includes(id) ? `${id}, not kept any more` : id);
  const parts = [
    pinned === undefined ? "" : `pinned at ${formatBytes(pinned.bytes)}`,
    cleanPeak === undefined
      ? ""
      : `clean peak ${formatBytes(cleanPeak.bytes)} (${from(cleanPeak.runId)})`,
    killedAt === undefined
      ? ""
      : `killed at ${formatBytes(killedAt.bytes)} (${from(killedAt.runId)})`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nothing yet" : parts.join("; ");
}
