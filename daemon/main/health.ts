import type { Failure } from "../domain/failure.ts";
import type { MethodResult } from "../protocol/methods.ts";

type Health = MethodResult<"daemon.status">["health"];

/** What keeps new work from starting, a sentence each; empty when all is well. */
export function health(isBusUp: boolean, canReadBox: boolean, storage?: Failure): Health {
  const problems: Health = [];
  if (!isBusUp) {
    problems.push({
      part: "bus",
      problem: "systemd does not answer; nothing starts until it does",
    });
  }
  if (!canReadBox) {
    problems.push({ part: "sampler", problem: "the box's memory cannot be read; nothing starts" });
  }
  if (storage !== undefined) problems.push({ part: "storage", problem: storage.message });
  return problems;
}
