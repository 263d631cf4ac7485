import type { Logger } from "pino";
import type { BlutEvent } from "../domain/event.ts";

/** Events a person who reads only warnings should see. */
const warnings = new Set<BlutEvent["kind"]>([
  "run.failed",
  "schedule.missed",
  "schedule.refused",
  "schedule.paused",
  "schedule.broken",
  "daemon.outdated",
  "schedule.unheld",
  "admission.stopped",
  "notify.failed",
  "bus.lost",
  "gc.stuck",
  "disk.low",
]);

/** Turns events into log lines; no other file logs what happens to runs. */
export function logEvent(logger: Logger, event: BlutEvent): void {
  const line = {
    seq: event.seq,
    ...(event.runId !== undefined && { run: event.runId }),
    ...(event.attemptId !== undefined && { attempt: event.attemptId }),
    ...event.facts,
  };
  if (warnings.has(event.kind)) logger.warn(line, event.kind);
  else logger.info(line, event.kind);
}
