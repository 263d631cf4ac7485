import type { Artifact, ArtifactUse } from "../../domain/artifact.ts";
import type { Origin } from "../../domain/lineage.ts";
import type { MetricValue } from "../../domain/metric.ts";
import type { Step } from "../../domain/plan.ts";
import { recordWrite } from "../../lineage/record.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { RunBooks } from "../run-books.ts";

/** The artifact that came of an attempt. */
export interface Collected {
  readonly artifact: Artifact;
  readonly kind: string;
  /** What the result depends on is as it was when the work began, so it stands in for the same work later. */
  readonly isRepeatable: boolean;
  /** What the attempt started from, and what it last said of its metrics. */
  readonly origin?: Origin | undefined;
  readonly metrics?: Readonly<Record<string, MetricValue>>;
}

/**
 * Puts what came of an attempt on record, and where it can stand in for the same work later, in the cache.
 * Nothing for a step whose output is not kept.
 */
export function keepResult(
  books: RunBooks,
  {
    row,
    step,
    collected,
  }: {
    readonly row: AttemptRow;
    readonly step: Step;
    readonly collected?: Collected | undefined;
  },
): { readonly output?: ArtifactUse } {
  if (collected === undefined) return {};
  const { store, clock } = books;
  const { artifact, kind, isRepeatable, origin, metrics } = collected;
  const { runId } = row;
  const at = clock.now();
  store.artifacts.put(artifact, at);
  const known = store.steps.get(runId, row.step);
  const parts = store.steps.keyParts(runId, row.step);
  if (isRepeatable && step.cache === "use" && known?.cacheKey !== undefined && parts) {
    store.cache.put({
      key: known.cacheKey,
      artifact: artifact.digest,
      kind,
      stepLabel: step.stage.name,
      parts,
      runId,
      step: row.step,
      tookMs: Math.max(0, at - (row.startedAt ?? row.createdAt)),
      createdAt: at,
    });
  }
  recordWrite(books, { runId, step: row.step }, step, {
    artifact: artifact.digest,
    kind,
    key: known?.cacheKey ?? "",
    attemptId: row.id,
    ...(parts !== undefined && { code: parts.code }),
    ...(metrics !== undefined && { metrics }),
    origin,
  });
  return { output: { digest: artifact.digest, kind } };
}
