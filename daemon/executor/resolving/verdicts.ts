import { digestOf } from "../../base/digest.ts";
import type { ArtifactUse, CacheVerdict } from "../../domain/artifact.ts";
import { inOrder } from "../../domain/in-order.ts";
import { graphOf } from "../../domain/plan-graph.ts";
import { stepsOf, type InputSource, type Plan, type Step } from "../../domain/plan.ts";
import type { CacheEntry } from "../../store/cache.ts";
import { changedParts, keyPartsOf } from "./key-parts.ts";
import type { Onlooker } from "./contents.ts";
import { resultOf, type SourceParts } from "./sources.ts";

/** Newest results of a step that a miss is compared with: those of a sweep lie side by side. */
const mostCompared = 32;

/** What is known of an input before anything runs: its digest, the steps it must wait for, or nothing at all. */
type Foreseen =
  | { readonly kind: "digest"; readonly digest: string }
  | { readonly kind: "after"; readonly steps: readonly string[] }
  | { readonly kind: "unreadable" };

/**
 * What would be a hit if the plan ran now, step by step, and which part of the key changed where not.
 * Nothing is put on record, and a step behind one that must run cannot be told.
 */
export async function verdictsOf(
  parts: SourceParts,
  plan: Plan,
): Promise<Map<string, CacheVerdict>> {
  const verdicts = new Map<string, CacheVerdict>();
  const by = Symbol("a look at a plan");
  const newest = newestResults(parts);
  for (const step of stepsInOrder(plan)) {
    verdicts.set(step.name, await verdictOf(parts, { step, verdicts, by, newest }));
  }
  parts.contents.forget(by);
  return verdicts;
}

interface Question {
  readonly step: Step;
  /** Of the steps before it. */
  readonly verdicts: ReadonlyMap<string, CacheVerdict>;
  readonly by: Onlooker;
  readonly newest: (stage: string) => readonly CacheEntry[];
}

/** The newest results of a stage, read once for all the steps of a sweep. */
function newestResults({ store }: SourceParts): Question["newest"] {
  const known = new Map<string, readonly CacheEntry[]>();
  return (stage) => {
    const results = known.get(stage) ?? store.cache.newestOf(stage, mostCompared);
    known.set(stage, results);
    return results;
  };
}

async function verdictOf(parts: SourceParts, question: Question): Promise<CacheVerdict> {
  const { step } = question;
  if (step.cache === "never" || step.output === undefined) return { kind: "never" };
  const foreseen = await foresee(parts, question);
  const after = [
    ...new Set(foreseen.flatMap(({ source }) => (source.kind === "after" ? source.steps : []))),
  ];
  const code = await parts.contents.readCode(question.by, step);
  // An element's inputs are only known once its list is there.
  if (after.length > 0 || step.map !== undefined) return { kind: "unknown", after };
  const inputs: Record<string, ArtifactUse> = {};
  for (const { name, kind, source } of foreseen) {
    if (source.kind === "digest") inputs[name] = { digest: source.digest, kind };
  }
  const keyParts = keyPartsOf(step, code.ok ? code.value : "unreadable", inputs);
  const key = digestOf(keyParts);
  const entry = resultOf(parts, key);
  if (entry !== undefined) {
    return { kind: "hit", key, artifact: entry.artifact, runId: entry.runId };
  }
  const results = question.newest(step.stage.name);
  const changes = results.map((result) => changedParts(result.parts, keyParts));
  if (changes.length === 0) return { kind: "miss", key, changed: [] };
  // Of several that are as near, the newest.
  const changed = changes.reduce((nearest, each) =>
    each.length < nearest.length ? each : nearest,
  );
  return { kind: "miss", key, changed: changed.length === 0 ? ["artifact"] : changed };
}

async function foresee(
  parts: SourceParts,
  { step, ...rest }: Question,
): Promise<{ name: string; kind: string; source: Foreseen }[]> {
  return Promise.all(
    Object.entries(step.inputs).map(async ([name, { kind, from }]) => ({
      name,
      kind,
      source: await foreseenOf(parts, from, rest),
    })),
  );
}

async function foreseenOf(
  { contents, artifacts }: SourceParts,
  from: InputSource,
  { verdicts, by }: Pick<Question, "verdicts" | "by">,
): Promise<Foreseen> {
  if ("artifact" in from) return { kind: "digest", digest: from.artifact };
  if ("path" in from) {
    const digest = await contents.read(by, from.path);
    return digest.ok ? { kind: "digest", digest: digest.value } : { kind: "unreadable" };
  }
  const open = stepsOf(from).filter((name) => verdicts.get(name)?.kind !== "hit");
  if (open.length > 0) return { kind: "after", steps: open };
  const hits = stepsOf(from).flatMap((name) => {
    const verdict = verdicts.get(name);
    return verdict?.kind === "hit" ? [{ name, digest: verdict.artifact }] : [];
  });
  const [only] = hits;
  if ("step" in from && only !== undefined) return { kind: "digest", digest: only.digest };
  const list = await artifacts.gather(hits);
  return list.ok ? { kind: "digest", digest: list.value.digest } : { kind: "unreadable" };
}

/** Every step after those it needs. */
function stepsInOrder(plan: Plan): Step[] {
  const { steps, needs } = graphOf(plan);
  const names = [...needs].map(([name, all]) => [name, all.map(({ step }) => step)] as const);
  return inOrder(new Map(names)).order.flatMap((name) => steps.get(name) ?? []);
}
