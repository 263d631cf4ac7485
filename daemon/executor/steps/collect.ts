import type { ArtifactStore } from "../../artifacts/artifact-store.ts";
import type { Failure } from "../../domain/failure.ts";
import type { RunId } from "../../domain/ids.ts";
import type { Step } from "../../domain/plan.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { Store } from "../../store/store.ts";
import { attemptPaths } from "../attempt-directory.ts";
import type { Contents } from "../resolving/contents.ts";
import type { Collected } from "./results.ts";

/** What outputs are collected with. */
export interface CollectParts {
  readonly store: Store;
  readonly artifacts: ArtifactStore;
  readonly contents: Contents;
}

/**
 * Makes an artifact of what a successful attempt left, and puts it where the plan wants it. Undefined for
 * a step whose output is not kept. Done again after a crash it comes to the same.
 */
export async function collect(
  parts: CollectParts,
  row: AttemptRow,
  step: Step,
): Promise<Result<Collected | undefined, Failure>> {
  const { output } = step;
  if (output === undefined) return ok(undefined);
  const kept = await parts.artifacts.keep(attemptPaths(row.directory).out, output);
  if (!kept.ok) return kept;
  if (output.publish !== undefined) {
    const published = await parts.artifacts.publish(kept.value.digest, output.publish);
    if (!published.ok) return err(published.error);
  }
  const isRepeatable = step.cache === "use" && (await isAsItWas(parts, row.runId, step));
  return ok({ artifact: kept.value, kind: output.kind, isRepeatable });
}

/**
 * Whether all that was worked on is still what the key says: somebody may have edited what is outside meanwhile,
 * and what rotted is taken out of the store.
 */
async function isAsItWas(
  { store, artifacts, contents }: CollectParts,
  runId: RunId,
  step: Step,
): Promise<boolean> {
  const parts = store.steps.keyParts(runId, step.name);
  const code = await contents.readCode(runId, step, (file) =>
    contents.readAgain(runId, file, true),
  );
  if (parts === undefined || !code.ok || code.value !== parts.code) return false;
  for (const [name, { from }] of Object.entries(step.inputs)) {
    const used = parts.inputs[name]?.digest;
    if (!("path" in from)) {
      if (used === undefined || artifacts.has(used)) continue;
      return false;
    }
    const digest = await contents.readAgain(runId, from.path);
    if (!digest.ok || digest.value !== used) return false;
  }
  return true;
}
