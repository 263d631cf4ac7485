import type { ArtifactUse } from "../../domain/artifact.ts";
import type { LineageRead } from "../../domain/lineage.ts";
import type { InputSource, Step } from "../../domain/plan.ts";
import type { StepPlace } from "../../domain/run.ts";
import type { Store } from "../../store/store.ts";

type Inputs = Readonly<Record<string, ArtifactUse>>;

/**
 * What a step reads, as its lineage has it: each input as a whole, and the parts of one that is put together
 * of several steps' results, or the entry that an element works on, as `input/part`.
 */
export function readsOf(store: Store, place: StepPlace, step: Step, inputs: Inputs): LineageRead[] {
  const reads = Object.entries(inputs).flatMap(([input, { digest, kind }]) => {
    const from = step.inputs[input]?.from;
    const whole = { input, artifact: digest, kind, ...originOf(from) };
    return [whole, ...partsOf(store, place, input, from)];
  });
  const listed = elementReads(store, place, inputs);
  const replaced = new Set(listed.map(({ input }) => input));
  return [...reads.filter(({ input }) => !replaced.has(input)), ...listed];
}

/** What a mapped step's list was put together of: its elements' results. */
export function gatheredReads(store: Store, { runId, step }: StepPlace): LineageRead[] {
  return store.steps
    .elementsOf(runId, step)
    .flatMap(({ name, output }) => (output === undefined ? [] : [readOf(name, name, output)]));
}

function originOf(from: InputSource | undefined): Pick<LineageRead, "fromStep" | "fromPath"> {
  if (from === undefined) return {};
  if ("step" in from) return { fromStep: from.step };
  return "path" in from ? { fromPath: from.path } : {};
}

function partsOf(
  store: Store,
  { runId }: StepPlace,
  input: string,
  from: InputSource | undefined,
): LineageRead[] {
  if (from === undefined || !("steps" in from)) return [];
  return from.steps.flatMap((name) => {
    const output = store.steps.get(runId, name)?.output;
    return output === undefined ? [] : [readOf(`${input}/${name}`, name, output)];
  });
}

/** An element's plan names its entry alone; the list that it is of is its mapped step's. */
function elementReads(store: Store, { runId, step }: StepPlace, inputs: Inputs): LineageRead[] {
  const { parent, element } = store.steps.get(runId, step) ?? {};
  if (parent === undefined || element === undefined) return [];
  const mapped = store.runs.step(runId, parent);
  const input = mapped.map ?? "";
  const [list, entry] = [store.steps.keyParts(runId, parent)?.inputs[input], inputs[input]];
  if (list === undefined || entry === undefined) return [];
  const whole = { input, artifact: list.digest, kind: list.kind };
  return [
    { ...whole, ...originOf(mapped.inputs[input]?.from) },
    { input: `${input}/${element.key}`, artifact: entry.digest, kind: entry.kind },
  ];
}

function readOf(input: string, fromStep: string, { digest, kind }: ArtifactUse): LineageRead {
  return { input, artifact: digest, kind, fromStep };
}
