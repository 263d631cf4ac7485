import type { Args, ArgValues, None } from "./arg.ts";
import type { PlanDraft } from "./plan-builder.ts";
import type { AnyStage } from "./stage.ts";

/** What a person runs by name: arguments, and the plan that they lead to. */
export interface Recipe<A extends Args = Args> {
  readonly name: string;
  readonly help?: string;
  readonly args: A;
  readonly plan: (args: ArgValues<A>) => PlanDraft;
}

/** Declares a recipe. Its `plan` is called once for each point of a sweep and must depend on its arguments alone. */
export function recipe<const A extends Args = None>(definition: {
  readonly name: string;
  readonly help?: string;
  readonly args?: A;
  readonly plan: (args: ArgValues<A>) => PlanDraft;
}): Recipe<A> {
  return { ...definition, args: definition.args ?? ({} as A) };
}

/** A recipe whatever its arguments are. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- its arguments are contravariant: no other type takes every recipe
export type AnyRecipe = Recipe<any>;

/** What a file offers. */
export interface Cookbook {
  readonly stages: readonly AnyStage[];
  readonly recipes: readonly AnyRecipe[];
}

/** The default export of a cookbook's file. Throws when two stages or two recipes have one name. */
export function cookbook(content: Cookbook): Cookbook {
  for (const [what, all] of Object.entries(content)) {
    const names = (all as readonly { readonly name: string }[]).map(({ name }) => name);
    const twin = names.find((name, i) => names.indexOf(name) !== i);
    if (twin !== undefined) throw new Error(`cookbook: two ${what} are called ${twin}`);
  }
  return content;
}
