import type { Artifact, TreeEntry } from "../../domain/artifact.ts";
import type { Failure } from "../../domain/failure.ts";
import type { Step } from "../../domain/plan.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { StepPlace } from "../../domain/run.ts";
import type { StepRow } from "../../store/steps.ts";
import { knownAtOnce, readSources, type Known, type SourceParts } from "./sources.ts";

/** What is decided about a step once everything that takes time has been found out. */
export type Prepared =
  /** What it works on; of a step that is fanned out also the entries of its list. */
  | { readonly kind: "known"; readonly known: Known; readonly entries?: readonly TreeEntry[] }
  /** A mapped step whose elements are over; nothing when they leave nothing. */
  | { readonly kind: "gathered"; readonly artifact?: Artifact };

/** The same at once, where nothing has to be read. */
export function prepareAtOnce(
  parts: SourceParts,
  { runId, step: name }: StepPlace,
): Prepared | undefined {
  const step = parts.store.runs.step(runId, name);
  if (step.map !== undefined) return undefined;
  const known = knownAtOnce(parts, runId, step);
  return known && { kind: "known", known };
}

/** Reads, digests and puts together what has to be. Fails with `bad-input`, or with a full disk. */
export async function prepare(
  parts: SourceParts,
  place: StepPlace,
): Promise<Result<Prepared, Failure>> {
  const step = parts.store.runs.step(place.runId, place.step);
  if (step.map !== undefined) {
    const elements = parts.store.steps.elementsOf(place.runId, place.step);
    // It has run already, as these.
    if (elements.length > 0) return gather(parts, step, elements);
  }
  const known = await readSources(parts, place.runId, step);
  if (!known.ok) return known;
  const list = step.map === undefined ? undefined : known.value.inputs[step.map]?.digest;
  if (list === undefined) return ok({ kind: "known", known: known.value });
  const entries = await parts.artifacts.entries(list);
  return entries.ok ? ok({ kind: "known", known: known.value, entries: entries.value }) : entries;
}

async function gather(
  { artifacts }: SourceParts,
  step: Step,
  elements: readonly StepRow[],
): Promise<Result<Prepared, Failure>> {
  if (step.output === undefined) return ok({ kind: "gathered" });
  const entries = elements.flatMap(({ element, output }) =>
    element === undefined || output === undefined
      ? []
      : [{ name: element.key, digest: output.digest }],
  );
  const list = await artifacts.gather(entries);
  return list.ok ? ok({ kind: "gathered", artifact: list.value }) : list;
}
