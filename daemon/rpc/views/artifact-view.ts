import { failure, type Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { ArtifactRow } from "../../store/artifacts.ts";
import type { Store } from "../../store/store.ts";
import type { RpcContext } from "../context.ts";

/** Results of one artifact that are shown: mostly there is one. */
const mostResults = 20;
/** Digits by which artifacts are told apart in a sentence. */
const shortDigits = 12;

/** The one artifact whose digest begins so. */
export function storedArtifact({ artifacts }: Store, prefix: string): Result<ArtifactRow, Failure> {
  const [first, ...others] = artifacts.byPrefix(prefix, 4);
  if (first === undefined) {
    const message = `no artifact's digest begins with ${prefix}`;
    const remedy = "`blutctl show RUN` names the artifacts of a run; one may have been pruned";
    return err(failure("not-found", message, remedy, { data: { artifact: prefix } }));
  }
  if (others.length === 0) return ok(first);
  const named = [first, ...others].map(({ digest }) => digest.slice(0, shortDigits)).join(", ");
  const message = `several artifacts begin with ${prefix}: ${named}`;
  return err(failure("ambiguous", message, "give more digits", { data: { artifact: prefix } }));
}

/** An artifact with its first entries. */
export async function artifactView(
  { artifacts, store }: RpcContext,
  row: ArtifactRow,
  limit: number,
): Promise<Result<MethodResult<"artifact.get">, Failure>> {
  const listed = await artifacts.list(row.digest);
  if (!listed.ok) return listed;
  const { type, entries } = listed.value;
  const neededBy = store.artifacts.neededBy(row.digest);
  const results = store.cache
    .ofArtifact(row.digest, mostResults)
    .map(({ key, kind, stepLabel, runId, step, createdAt, hits }) => {
      return { key, kind, stepLabel, runId, step, createdAt, hits };
    });
  return ok({
    ...row,
    path: artifacts.pathOf(row.digest),
    type,
    entries: entries.slice(0, limit),
    entryCount: entries.length,
    results,
    ...(neededBy !== undefined && { neededBy }),
  });
}
