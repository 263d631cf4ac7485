import type { MethodResult } from "../../daemon/protocol/methods.ts";

/** A step of a plan as the daemon shows it. */
export type PlanStep = MethodResult<"recipe.plan">["steps"][number];

/** Steps that are drawn as one line: a single one, or the points of a sweep. */
export interface StepGroup {
  readonly name: string;
  /** As a reader sees it: `train-1 to train-12`. */
  readonly title: string;
  readonly needs: readonly string[];
  readonly steps: readonly PlanStep[];
}

/** Points that are still drawn one by one. */
const mostAlone = 6;

/** The steps of a plan as lines. The many points of a sweep's step are one line; each stands after those it needs. */
export function groupSteps(steps: readonly PlanStep[], isSweep: boolean): StepGroup[] {
  const alone = steps.map((step): StepGroup => {
    const { name, needs } = step;
    return { name, title: name, needs, steps: [step] };
  });
  if (!isSweep) return alone;
  const points = Map.groupBy(steps, ({ name }) => baseOf(name));
  const groupOf = (name: string): string =>
    (points.get(baseOf(name))?.length ?? 0) > mostAlone ? baseOf(name) : name;
  const members = Map.groupBy(steps, ({ name }) => groupOf(name));
  const groups = [...members].map(([group, all]): StepGroup => {
    const needs = [...new Set(all.flatMap((step) => step.needs.map(groupOf)))];
    const title = all.length === 1 ? group : `${all[0]?.name ?? ""} to ${all.at(-1)?.name ?? ""}`;
    return { name: group, title, needs, steps: all };
  });
  // Steps of a plan by hand may need each other both ways once they are put together.
  return inOrder(groups) ?? alone;
}

/** `train-12` is a point of `train`. */
function baseOf(name: string): string {
  return name.replace(/-\d+$/, "");
}

function inOrder(groups: readonly StepGroup[]): StepGroup[] | undefined {
  const placed = new Set<string>();
  const order: StepGroup[] = [];
  let left = [...groups];
  const known = new Set(groups.map(({ name }) => name));
  while (left.length > 0) {
    const next = left.find(({ needs }) => needs.every((n) => placed.has(n) || !known.has(n)));
    if (next === undefined) return undefined;
    order.push(next);
    placed.add(next.name);
    left = left.filter((group) => group !== next);
  }
  return order;
}
