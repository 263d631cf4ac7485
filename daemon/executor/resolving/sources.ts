import type { ArtifactStore } from "../../artifacts/artifact-store.ts";
import type { Artifact, ArtifactUse } from "../../domain/artifact.ts";
import type { Failure } from "../../domain/failure.ts";
import { failure } from "../../domain/failure.ts";
import type { RunId } from "../../domain/ids.ts";
import type { InputSource, Step } from "../../domain/plan.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { CacheEntry } from "../../store/cache.ts";
import type { Store } from "../../store/store.ts";
import type { Contents } from "./contents.ts";

/** What a step works on, by content. */
export interface Known {
  readonly code: string;
  readonly inputs: Readonly<Record<string, ArtifactUse>>;
  /** Lists that were put together of several steps' artifacts. */
  readonly gathered: readonly Artifact[];
}

/** What inputs are found out with. */
export interface SourceParts {
  readonly store: Store;
  readonly artifacts: ArtifactStore;
  readonly contents: Contents;
}

/** A result by its key, if what it is is still there. */
export function resultOf(
  { store, artifacts }: Pick<SourceParts, "store" | "artifacts">,
  key: string,
): CacheEntry | undefined {
  const entry = store.cache.get(key);
  return entry !== undefined && artifacts.has(entry.artifact) ? entry : undefined;
}

/** What a source is: known at once, to be read or put together, left out, or nothing that can be read. */
type Source =
  | { readonly kind: "digest"; readonly digest: string }
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "list"; readonly entries: readonly { name: string; digest: string }[] }
  | { readonly kind: "absent" }
  | { readonly kind: "bad"; readonly why: string };

/** What a step works on, if nothing has to be read or put together to know it. */
export function knownAtOnce(parts: SourceParts, runId: RunId, step: Step): Known | undefined {
  const code = parts.contents.recentCode(runId, step);
  if (code === undefined) return undefined;
  const inputs: Record<string, ArtifactUse> = {};
  for (const [name, { kind, from }] of Object.entries(step.inputs)) {
    const source = sourceOf(parts, runId, from);
    const digest =
      source.kind === "digest"
        ? source.digest
        : source.kind === "path"
          ? parts.contents.recent(runId, source.path)
          : undefined;
    if (source.kind === "absent") continue;
    if (digest === undefined) return undefined;
    inputs[name] = { digest, kind };
  }
  return { code, inputs, gathered: [] };
}

/** Finds out what a step works on: `bad-input` when something cannot be read. */
export async function readSources(
  parts: SourceParts,
  runId: RunId,
  step: Step,
): Promise<Result<Known, Failure>> {
  const code = await parts.contents.readCode(runId, step);
  if (!code.ok) return code;
  const inputs: Record<string, ArtifactUse> = {};
  const gathered: Artifact[] = [];
  for (const [name, { kind, from }] of Object.entries(step.inputs)) {
    const source = sourceOf(parts, runId, from);
    if (source.kind === "absent") continue;
    if (source.kind === "list") {
      const list = await parts.artifacts.gather(source.entries);
      if (!list.ok) return list;
      gathered.push(list.value);
      inputs[name] = { digest: list.value.digest, kind };
      continue;
    }
    const digest = await digestOfSource(parts, runId, { name, source });
    if (!digest.ok) return digest;
    inputs[name] = { digest: digest.value, kind };
  }
  return ok({ code: code.value, inputs, gathered });
}

async function digestOfSource(
  { contents }: SourceParts,
  runId: RunId,
  {
    name,
    source,
  }: { readonly name: string; readonly source: Exclude<Source, { kind: "absent" | "list" }> },
): Promise<Result<string, Failure>> {
  if (source.kind === "digest") return ok(source.digest);
  if (source.kind === "path") return contents.read(runId, source.path);
  return err(
    failure("bad-input", `input ${name}: ${source.why}`, "mend the plan, or retry from there"),
  );
}

function sourceOf({ store, artifacts }: SourceParts, runId: RunId, from: InputSource): Source {
  if ("path" in from) return { kind: "path", path: from.path };
  // What rotted is taken out of the store even while a run needs it.
  const stored = (digest: string): Source =>
    artifacts.has(digest)
      ? { kind: "digest", digest }
      : { kind: "bad", why: `there is no artifact ${digest.slice(0, 12)} any more` };
  if ("artifact" in from) return stored(from.artifact);
  const names = "step" in from ? [from.step] : from.steps;
  const found = names.flatMap((name) => {
    const digest = store.steps.get(runId, name)?.output?.digest;
    return digest === undefined ? [] : [{ name, digest }];
  });
  if (found.length < names.length && from.optional !== true) {
    return { kind: "bad", why: `${names.join(", ")} left nothing` };
  }
  if ("steps" in from) return { kind: "list", entries: found };
  const [only] = found;
  return only === undefined ? { kind: "absent" } : stored(only.digest);
}
