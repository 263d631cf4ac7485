import { inOrder } from "../../domain/in-order.ts";
import type { Step } from "../../domain/plan.ts";
import type { Problem } from "../../domain/problem.ts";

type Steps = ReadonlyMap<string, Step>;

/** Steps of a cycle that are named; the rest are counted. */
const mostNamed = 10;

/** One cycle of the plan, by the names on it; a step that needs itself is told elsewhere. */
export function cycleProblem(steps: Steps): Problem | undefined {
  const stuck = neverReady(steps);
  const [start] = stuck;
  if (start === undefined) return undefined;
  const trail = new Map<string, number>();
  let at = start;
  // Each of them needs another of them, so this comes back to where it was.
  while (!trail.has(at)) {
    trail.set(at, trail.size);
    at = needsOf(at, steps).find((need) => stuck.has(need)) ?? at;
  }
  const cycle = [...trail.keys()].slice(trail.get(at));
  const [first = at] = cycle;
  const named = cycle.length > mostNamed ? cycle.slice(0, mostNamed - 1) : cycle;
  const left = cycle.length - named.length;
  const words = [...named, ...(left > 0 ? [`${left} more`] : []), first];
  return { field: `steps.${first}.needs`, message: `a cycle: ${words.join(" needs ")}` };
}

/** Steps of which none can go first. */
function neverReady(steps: Steps): Set<string> {
  const needs = [...steps.keys()].map((name) => [name, needsOf(name, steps)] as const);
  return new Set(inOrder(new Map(needs)).stuck);
}

function needsOf(name: string, steps: Steps): string[] {
  const needs = steps.get(name)?.needs ?? [];
  return [...new Set(needs)].filter((need) => need !== name && steps.has(need));
}
