import type { ArtifactUse, Checkpoint } from "../domain/artifact.ts";
import type { RunId } from "../domain/ids.ts";
import type { Element } from "../domain/plan.ts";
import type { RunEnd, StepState } from "../domain/run.ts";
import { fromJson } from "./json-column.ts";
import { present, type Columns, type Present } from "./present.ts";

/** A step's life in its run, and what it has spent of its retry budgets. */
export interface StepRow {
  readonly runId: RunId;
  readonly name: string;
  readonly state: StepState;
  /** Needs that are still open; of a mapped step that is running, its elements that are. */
  readonly openNeeds: number;
  /** Steps on the longest way to an end of the plan. */
  readonly weight: number;
  /** Its work is done again whatever the cache has. */
  readonly forced: boolean;
  /** The mapped step that this is an element of, and which. */
  readonly parent?: string;
  readonly element?: Element;
  /** Known once it was resolved. */
  readonly cacheKey?: string;
  readonly output?: ArtifactUse;
  /** The run whose result stood in for doing the work. */
  readonly cachedFrom?: RunId;
  /** The step that first failed or diverged, for one that was skipped or pruned because of it. */
  readonly because?: string;
  readonly end?: RunEnd;
  readonly endedAt?: number;
  readonly checkpoint?: Checkpoint;
  readonly attempts: number;
  readonly oomKills: number;
  readonly failures: number;
  readonly losses: number;
  readonly timeouts: number;
  readonly divergences: number;
  /** The largest limit this step was killed at. */
  readonly killedAtBytes?: number;
}

/** What a new step may have besides its name and state. */
export type NewStep = Partial<
  Pick<
    StepRow,
    | "openNeeds"
    | "weight"
    | "forced"
    | "parent"
    | "element"
    | "cacheKey"
    | "output"
    | "cachedFrom"
    | "because"
    | "endedAt"
    | "checkpoint"
  >
>;

type Stored = Omit<StepRow, "forced" | "output"> & {
  readonly forced: 0 | 1;
  readonly outputDigest?: string;
  readonly outputKind?: string;
};

/** What `SELECT ${stepColumns}` gives. */
export type StepColumns = Columns<Stored, "element" | "end" | "checkpoint">;

/** The select list of a whole step. */
export const stepColumns = `run_id AS runId, name, state, open_needs AS openNeeds, weight, forced, parent,
  element_json AS element, cache_key AS cacheKey, output_digest AS outputDigest,
  output_kind AS outputKind, cached_from AS cachedFrom, because, end_json AS "end", ended_at AS endedAt,
  checkpoint_json AS checkpoint, attempts, oom_kills AS oomKills, failures, losses, timeouts, divergences,
  killed_at_bytes AS killedAtBytes`;

/** A step from its columns. */
export function toStep(row: StepColumns): StepRow {
  const { outputDigest, outputKind, ...rest } = row;
  return {
    ...(present({
      ...rest,
      element: row.element === null ? null : fromJson(row.element),
      end: row.end === null ? null : fromJson(row.end),
      checkpoint: row.checkpoint === null ? null : fromJson(row.checkpoint),
    }) as Present<Omit<StepRow, "forced" | "output">>),
    forced: row.forced === 1,
    ...(outputDigest !== null &&
      outputKind !== null && { output: { digest: outputDigest, kind: outputKind } }),
  };
}
