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

/** Steps that are left when those without open needs are taken away, again and again. */
function neverReady(steps: Steps): Set<string> {
  const open = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const name of steps.keys()) {
    const needs = needsOf(name, steps);
    open.set(name, needs.length);
    for (const need of needs) {
      const list = dependents.get(need);
      if (list === undefined) dependents.set(need, [name]);
      else list.push(name);
    }
  }
  const ready = [...steps.keys()].filter((name) => open.get(name) === 0);
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    open.delete(name);
    for (const dependent of dependents.get(name) ?? []) {
      const left = (open.get(dependent) ?? 0) - 1;
      open.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
  }
  return new Set(open.keys());
}

function needsOf(name: string, steps: Steps): string[] {
  const needs = steps.get(name)?.needs ?? [];
  return [...new Set(needs)].filter((need) => need !== name && steps.has(need));
}
