import { canonicalJson } from "../../base/canonical-json.ts";
import { inOrder } from "../../domain/in-order.ts";
import { listOf, stepsOf, type Input, type InputSource, type Step } from "../../domain/plan.ts";
import type { PointDraft, StepDraft } from "./draft.ts";

/** The steps of all points together. */
export interface Merged {
  readonly steps: readonly Step[];
  /** The step of the recipe that each of them is of. */
  readonly origins: ReadonlyMap<string, string>;
  /** Steps that gather, and that differ between points nevertheless. */
  readonly torn: readonly string[];
}

/** One step of the plan: what it is of, and the step with `#INDEX` of instances where it names steps. */
interface Instance {
  readonly of: string;
  readonly step: Step;
}

/**
 * Puts the points of a sweep together. Steps that come to the same work are one step; where points differ
 * they are numbered in the order of the points: `train-1`, `train-2`. A step that gathers is one for
 * all points, and what it reads is a list.
 */
export function mergePoints(points: readonly PointDraft[]): Merged {
  const merger = new Merger(points);
  for (const name of namesInOrder(points)) merger.add(name);
  return merger.merged();
}

class Merger {
  readonly #points: readonly ReadonlyMap<string, StepDraft>[];
  readonly #instances: Instance[] = [];
  readonly #byContent = new Map<string, number>();
  /** For each point and step of the recipe, the instance; by its index. */
  readonly #placed: Map<string, number>[];
  readonly #torn: string[] = [];

  constructor(points: readonly PointDraft[]) {
    this.#points = points.map(({ drafts }) => new Map(drafts.map((d) => [d.step.name, d])));
    this.#placed = points.map(() => new Map<string, number>());
  }

  /** Everything that the step of this name needs has been added, unless the recipe has a cycle. */
  add(name: string): void {
    for (const [point, drafts] of this.#points.entries()) {
      const draft = drafts.get(name);
      if (draft === undefined) continue;
      // What is gathered is the same for all points: the name stands for it, for a list of all would be long.
      const content = canonicalJson(this.#bound(draft, point, (all) => [all]));
      const index = this.#byContent.get(content) ?? this.#instances.length;
      if (index === this.#instances.length) {
        const all = (of: string): string[] => this.#references(of, this.#placed.keys());
        this.#instances.push({ of: name, step: this.#bound(draft, point, all) });
        this.#byContent.set(content, index);
        if (draft.isGathering && this.#count(name) === 2) this.#torn.push(name);
      }
      this.#placed[point]?.set(name, index);
    }
  }

  merged(): Merged {
    const names = this.#names();
    const nameOf = (reference: string): string =>
      reference.startsWith("#") ? (names[Number(reference.slice(1))] ?? reference) : reference;
    const steps = this.#instances.map(({ step }, i): Step => {
      const inputs = Object.entries(step.inputs).map(([key, { kind, from }]): [string, Input] => [
        key,
        { kind, from: renamed(from, (name) => [nameOf(name)]) },
      ]);
      return {
        ...step,
        name: names[i] ?? step.name,
        needs: step.needs.map(nameOf),
        inputs: Object.fromEntries(inputs),
      };
    });
    const origins = new Map(this.#instances.map(({ of }, i) => [names[i] ?? of, of]));
    return { steps, origins, torn: this.#torn };
  }

  /** A step with instances where it names steps: those of its own point, or of all where it gathers. */
  #bound(
    { step, gather, isGathering }: StepDraft,
    point: number,
    all: (name: string) => readonly string[],
  ): Step {
    const own = (name: string): readonly string[] => this.#references(name, [point]);
    const inputs = Object.entries(step.inputs).map(([name, input]): [string, Input] => {
      if (!gather.includes(name)) return [name, { ...input, from: renamed(input.from, own) }];
      return [name, gathered(input, all)];
    });
    const needs = step.needs.flatMap(isGathering ? all : own);
    return { ...step, needs: [...new Set(needs)], inputs: Object.fromEntries(inputs) };
  }

  /** A name that has no instance stays a name: the check of the plan tells of it. */
  #references(name: string, points: Iterable<number>): string[] {
    const found = new Set<string>();
    for (const point of points) {
      const index = this.#placed[point]?.get(name);
      if (index !== undefined) found.add(`#${index}`);
    }
    return found.size === 0 ? [name] : [...found];
  }

  #names(): string[] {
    const counts = new Map<string, number>();
    for (const { of } of this.#instances) counts.set(of, (counts.get(of) ?? 0) + 1);
    const given = new Map<string, number>();
    return this.#instances.map(({ of }) => {
      if (counts.get(of) === 1) return of;
      const number = (given.get(of) ?? 0) + 1;
      given.set(of, number);
      return `${of}-${number}`;
    });
  }

  #count(name: string): number {
    return this.#instances.filter(({ of }) => of === name).length;
  }
}

/** The same source with other names; more than one name makes a list of it. */
function renamed(from: InputSource, rename: (name: string) => readonly string[]): InputSource {
  if ("step" in from) return { ...from, step: rename(from.step)[0] ?? from.step };
  return "steps" in from ? { ...from, steps: [...new Set(from.steps.flatMap(rename))] } : from;
}

function gathered({ kind, from }: Input, all: (name: string) => readonly string[]): Input {
  if (!("step" in from)) return { kind, from: renamed(from, all) };
  const { step, ...more } = from;
  return { kind: kind === "any" ? kind : listOf(kind), from: { steps: all(step), ...more } };
}

/** Names of all points' steps, each after those it needs; those on a cycle come last. */
function namesInOrder(points: readonly PointDraft[]): string[] {
  const { order, stuck } = inOrder(needsOf(points));
  return [...order, ...stuck];
}

function needsOf(points: readonly PointDraft[]): Map<string, Set<string>> {
  const needs = new Map<string, Set<string>>();
  for (const { drafts } of points) {
    for (const { step } of drafts) {
      const all = needs.get(step.name) ?? new Set();
      needs.set(step.name, all);
      for (const name of step.needs) all.add(name);
      for (const { from } of Object.values(step.inputs)) {
        for (const name of stepsOf(from)) all.add(name);
      }
    }
  }
  return needs;
}
