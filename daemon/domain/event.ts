/** Everything that happens, in the past tense; `events` and subscribers see exactly these. */
export const eventKinds = [
  "run.queued",
  "run.started",
  "run.requeued",
  "run.succeeded",
  "run.failed",
  "run.cancelled",
  "step.resolving",
  "step.cached",
  "step.mapped",
  "step.succeeded",
  "step.failed",
  "step.skipped",
  "step.pruned",
  "step.progress",
  "step.metric",
  "step.checkpoint",
  "step.problem",
  "attempt.starting",
  "attempt.started",
  "attempt.stopping",
  "attempt.ended",
  "calibration.changed",
  "schedule.fired",
  "schedule.skipped",
  "schedule.missed",
  "schedule.refused",
  "schedule.paused",
  "schedule.enabled",
  "schedule.disabled",
  "schedule.loaded",
  "schedule.broken",
  "schedule.removed",
  "schedule.unheld",
  "run.pinned",
  "run.unpinned",
  "gc.done",
  "gc.stuck",
  "disk.low",
  "disk.enough",
  "daemon.started",
  "daemon.stopping",
  "daemon.outdated",
  "daemon.paused",
  "daemon.drained",
  "daemon.resumed",
  "admission.stopped",
  "admission.resumed",
  "notify.failed",
  "notify.restored",
  "bus.lost",
  "bus.restored",
] as const;
export type EventKind = (typeof eventKinds)[number];

/** Anything that JSON can say. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** One record of the event log. `seq` is dense and grows; a cursor is the last `seq` seen. */
export interface BlutEvent {
  readonly seq: number;
  /** Epoch ms. */
  readonly at: number;
  readonly kind: EventKind;
  readonly runId?: string;
  readonly attemptId?: string;
  readonly facts: Readonly<Record<string, JsonValue>>;
}
