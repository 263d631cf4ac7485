import { failure, type Failure } from "../../domain/failure.ts";
import type { CollectReason } from "../../domain/retention.ts";
import type { CollectedRun } from "../../store/retention.ts";
import type { RunRow } from "../../store/runs.ts";

const whys: Readonly<Record<CollectReason, string>> = {
  age: "it had ended longer ago than is kept",
  count: "there were more runs than are kept",
  size: "runs took more of the disk than they may",
};

/** The refusal of a run that there was, and that retention took. */
export function collected({ id, at, because }: CollectedRun): Failure {
  return failure(
    "not-found",
    `${id} was collected on ${dayOf(at)}: ${whys[because]}`,
    "what is to stay is pinned (blutctl pin RUN); how much is kept stands in [retention] of blut.toml",
    { data: { selector: id, collectedAt: at, because } },
  );
}

/** The refusal of logs that retention took; the run is still there. */
export function logsCollected(
  { id }: Pick<RunRow, "id">,
  { at, because }: Pick<CollectedRun, "at" | "because">,
): Failure {
  return failure(
    "not-found",
    `the logs of ${id} were collected on ${dayOf(at)}: ${whysOfLogs[because]}`,
    "what is to stay is pinned (blutctl pin RUN); how much is kept stands in [retention] of blut.toml",
    { data: { selector: id, collectedAt: at, because } },
  );
}

const whysOfLogs: Readonly<Record<CollectReason, string>> = {
  age: "it had ended longer ago than logs are kept",
  count: "there were more logs than are kept",
  size: "logs took more of the disk than they may",
};

/** The day in the daemon's own zone. */
function dayOf(at: number): string {
  return new Date(at).toLocaleDateString("sv-SE");
}
