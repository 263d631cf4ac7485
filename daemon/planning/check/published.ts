import path from "node:path";
import type { Plan, Step } from "../../domain/plan.ts";
import type { Problem } from "../../domain/problem.ts";

/** Steps that would write one path, or one inside the other's. */
export function publishProblems(plan: Plan): Problem[] {
  const published = plan.steps
    .flatMap(({ name, output }) =>
      output?.publish === undefined ? [] : [{ name, tree: treeOf(output.publish) }],
    )
    // With a slash at their end, everything inside a directory follows right after it.
    .sort((a, b) => (a.tree < b.tree ? -1 : a.tree > b.tree ? 1 : 0));
  const problems = plan.steps.flatMap(mapProblem);
  let outer: { readonly name: string; readonly tree: string } | undefined;
  for (const each of published) {
    if (outer !== undefined && each.tree.startsWith(outer.tree)) {
      problems.push({ field: `steps.${each.name}.output.publish`, message: clash(each, outer) });
    } else {
      outer = each;
    }
  }
  return problems;
}

/** Each of its elements would write there. */
function mapProblem({ name, map, output }: Step): Problem[] {
  if (map === undefined || output?.publish === undefined) return [];
  const message = "a mapped step cannot publish: all its elements would write to one path";
  return [{ field: `steps.${name}.output.publish`, message }];
}

function treeOf(publish: string): string {
  const resolved = path.resolve("/", publish);
  return resolved === "/" ? resolved : `${resolved}/`;
}

function clash(
  { tree }: { readonly tree: string },
  outer: { readonly name: string; readonly tree: string },
): string {
  return tree === outer.tree
    ? `${outer.name} publishes to the same path`
    : `it is inside ${outer.tree}, which ${outer.name} publishes`;
}
