import type { ArgumentSpecs } from "../../domain/argument.ts";
import type { Failure } from "../../domain/failure.ts";
import type { Problem } from "../../domain/problem.ts";
import type { Result } from "../../domain/result.ts";
import type { Configuration } from "../arguments/fingerprint.ts";
import type { PointDraft } from "../compile/draft.ts";

/** Where a recipe comes from. */
export type RecipeKind = "recipe" | "cookbook";

/** A recipe that can be compiled, whatever it is written in. */
export interface OpenRecipe {
  readonly kind: RecipeKind;
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  /** What paths among its defaults are taken from. */
  readonly directory: string;
  readonly help?: string;
  readonly args: ArgumentSpecs;
  /**
   * The steps of each of these configurations, or everything that is wrong with the first that has
   * something wrong: what is wrong with one point is mostly wrong with all.
   */
  drafts(
    points: readonly Configuration[],
  ): Promise<Result<readonly PointDraft[], readonly Problem[]>>;
  /** The place in its text of what is wrong with a plan made of it; `step` as the recipe names it. */
  locate(problem: Problem, step: string | undefined): Problem;
  /** Everything that is wrong with it whatever its arguments will be. */
  check(): Promise<readonly Problem[]>;
}

/** A recipe as a list shows it; one that cannot be read shows why. */
export interface ListedRecipe {
  readonly kind: RecipeKind;
  readonly name: string;
  readonly file: string;
  readonly help?: string;
  readonly args: ArgumentSpecs;
  readonly problems: readonly Problem[];
}

/** A recipe as a person names it: by name, or a file with or without its text. */
export type RecipeReference =
  { readonly name: string } | { readonly file: string; readonly text?: string | undefined };

/** The cookbook that `FILE.ts` or `FILE.ts#RECIPE` names, and which of its recipes; undefined for any other file. */
export function namedCookbook(
  reference: string,
): { readonly file: string; readonly recipe: string | undefined } | undefined {
  const [, file, recipe] = /^(.*\.ts)(?:#(.*))?$/.exec(reference) ?? [];
  return file === undefined ? undefined : { file, recipe };
}

/** Recipes of one kind. */
export interface RecipeSource {
  /** Those in the recipe directory, by name. */
  list(): Promise<readonly ListedRecipe[]>;
  /** The one that is meant; undefined when it is none of this kind. */
  open(reference: RecipeReference): Promise<Result<OpenRecipe, Failure> | undefined>;
}
