import { didYouMean } from "../../base/quoted.ts";
import type { CookbookShelf, Shelved } from "../../cookbook/cookbook-shelf.ts";
import { swapCandidates, type Slot } from "../../cookbook/registry.ts";
import { failure } from "../../domain/failure.ts";
import { elementKind, type Step } from "../../domain/plan.ts";
import { err, ok } from "../../domain/result.ts";
import { namedCookbook, type RecipeReference } from "../../planning/recipe/source.ts";
import { compileFor } from "../compile-for.ts";
import { define } from "../context.ts";
import { stageView } from "../views/stage-view.ts";

/** Stages that could stand where a step of a recipe stands: they take and leave the same kinds. */
export const recipeSwaps = define(
  "recipe.swaps",
  async ({ step: name, ...given }, { recipes, shelf }) => {
    const plan = await compileFor(recipes, given);
    if (!plan.ok) return plan;
    const { steps } = plan.value;
    const step = steps.find((one) => one.name === name);
    if (step === undefined) {
      const near = didYouMean(
        name,
        steps.map((one) => one.name),
      );
      const names = steps.slice(0, 20).map((one) => one.name);
      const remedy = `its steps: ${names.join(", ")}`;
      return err(failure("not-found", `the recipe has no step ${name}${near}`, remedy));
    }
    const shelved = await shelvedWith(shelf, given.recipe);
    const candidates = shelved.flatMap(({ file, registry }) => {
      if (!registry.ok) return [];
      return swapCandidates(slotOf(step), registry.value.stages).map((one) => stageView(one, file));
    });
    return ok({ step: name, stage: step.stage.name, candidates });
  },
);

/** The cookbooks of the recipe directory, and the one that the recipe itself is in. */
async function shelvedWith(
  shelf: CookbookShelf,
  reference: RecipeReference,
): Promise<readonly Shelved[]> {
  const shelved = await shelf.all();
  const named = "file" in reference ? namedCookbook(reference.file) : undefined;
  if (named === undefined || shelved.some(({ file }) => file === named.file)) return shelved;
  const { file } = named;
  return [...shelved, { file, registry: await shelf.registry(file) }];
}

/** What a step takes and leaves, whoever wrote it. */
function slotOf({ stage, inputs, output, map }: Step): Slot {
  const kinds = Object.entries(inputs).map(([name, { kind }]) => {
    const isFannedOut = name === map;
    return [name, isFannedOut ? (elementKind(kind) ?? kind) : kind];
  });
  return {
    name: stage.name,
    inputs: Object.fromEntries(kinds) as Record<string, string>,
    ...(output !== undefined && { output: output.kind }),
  };
}
