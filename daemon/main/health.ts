import type { Broker } from "../broker/broker.ts";
import type { AdmissionStop } from "../notify/admission-watch.ts";
import type { MethodResult } from "../protocol/methods.ts";

type Health = MethodResult<"daemon.status">["health"];

/**
 * What keeps new work from starting, a sentence each; empty when all is well. `storage` is why nothing
 * can be written, or why nothing more should be.
 */
export function health(
  isBusUp: boolean,
  canReadBox: boolean,
  storage?: { readonly message: string },
): Health {
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

/** Why nothing new starts, by no person's wish: what is wrong with the daemon, or what the box is short of. */
export function admissionStop([problem]: Health, broker: Broker): AdmissionStop | undefined {
  if (problem !== undefined) return { reason: problem.part, message: problem.problem };
  return broker.closedWait();
}
