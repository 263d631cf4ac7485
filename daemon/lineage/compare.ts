import { setImmediate } from "node:timers/promises";
import { canonicalJson } from "../base/canonical-json.ts";
import type { JsonValue } from "../domain/event.ts";
import type { RunId } from "../domain/ids.ts";
import { facets, type Facet } from "../domain/lineage.ts";
import type { Step } from "../domain/plan.ts";
import type { Store } from "../store/store.ts";
import { profileOf, runFacts, type Profile } from "./profile.ts";

/** One thing that is not the same; a side on which there is none is absent. */
export interface Change {
  readonly facet: Facet;
  readonly name: string;
  readonly from?: JsonValue;
  readonly to?: JsonValue;
}

/** What differs in one step, by name. `only`: the other run has no step of that name. */
export type StepDifference =
  | { readonly step: string; readonly only: "from" | "to" }
  | { readonly step: string; readonly changes: readonly Change[] };

/** What differs between two runs. */
export interface Comparison {
  readonly steps: readonly StepDifference[];
  /** Steps that are the same in everything. */
  readonly same: number;
  /** The list was cut at the limit. */
  readonly more: boolean;
}

/** Measurements are never the same twice: below these shares and amounts they count as equal. */
const noise = {
  memory: { share: 0.05, least: 4 * 1024 ** 2 },
  time: { share: 0.1, least: 500 },
} as const;
/** Measured, unlike the attempts and limits beside them. */
const measured = new Set(["need", "peak with cache", "wall", "cpu"]);
/** What tells of the work itself, not of what was asked for. */
const ofTheWork = new Set<Facet>(["code", "metrics", "memory", "time", "host"]);

/** Steps compared in one turn of the event loop. */
const turn = 200;

/** Compares two runs step by step, matched by name, in the order of the first one's plan. */
export async function compareRuns(
  store: Store,
  from: RunId,
  to: RunId,
  limit: number,
): Promise<Comparison> {
  const [fromSteps, toSteps] = [stepsOf(store, from), stepsOf(store, to)];
  const [fromFacts, toFacts] = [runFacts(store, from), runFacts(store, to)];
  const steps: StepDifference[] = [];
  let same = 0;
  const names = [...new Set([...fromSteps.keys(), ...toSteps.keys()])];
  for (const [i, name] of names.entries()) {
    if (i % turn === turn - 1) await setImmediate();
    if (steps.length >= limit) return { steps, same, more: true };
    const [a, b] = [fromSteps.get(name), toSteps.get(name)];
    if (a === undefined || b === undefined) {
      steps.push({ step: name, only: a === undefined ? "to" : "from" });
      continue;
    }
    const changes = changesOf(profileOf(store, fromFacts, a), profileOf(store, toFacts, b));
    if (changes.length > 0) steps.push({ step: name, changes });
    else same += 1;
  }
  return { steps, same, more: false };
}

/** Of a mapped step its elements too, which no plan names. */
function stepsOf(store: Store, runId: RunId): Map<string, Step> {
  const planned = store.runs.plan(runId)?.steps ?? [];
  const steps = new Map<string, Step>(planned.map((step) => [step.name, step]));
  for (const { name } of store.steps.of(runId)) {
    if (!steps.has(name)) steps.set(name, store.runs.step(runId, name));
  }
  return steps;
}

function changesOf(from: Profile, to: Profile): Change[] {
  const isPartial = from.isPartial || to.isPartial;
  return facets.flatMap((facet) => {
    const [ofFrom, ofTo] = [from.facets[facet], to.facets[facet]];
    const names = new Set([...Object.keys(ofFrom), ...Object.keys(ofTo)]);
    return [...names].sort().flatMap((name): Change[] => {
      const [a, b] = [ofFrom[name], ofTo[name]];
      const isOneSided = a === undefined || b === undefined;
      if (isOneSided && isPartial && ofTheWork.has(facet)) return [];
      if (isSame(facet, name, a, b)) return [];
      return [
        { facet, name, ...(a !== undefined && { from: a }), ...(b !== undefined && { to: b }) },
      ];
    });
  });
}

function isSame(
  facet: Facet,
  name: string,
  a: JsonValue | undefined,
  b: JsonValue | undefined,
): boolean {
  if (a === undefined || b === undefined) return a === b;
  const tolerance = facet === "memory" || facet === "time" ? noise[facet] : undefined;
  if (tolerance && measured.has(name) && typeof a === "number" && typeof b === "number") {
    return Math.abs(a - b) <= Math.max(tolerance.least, tolerance.share * Math.max(a, b));
  }
  return canonicalJson(a) === canonicalJson(b);
}
