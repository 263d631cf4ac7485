import { didYouMean } from "../../base/quoted.ts";
import { swapCandidates, type Slot } from "../../cookbook/registry.ts";
import { failure } from "../../domain/failure.ts";
import { elementKind, type Step } from "../../domain/plan.ts";
import { err, ok } from "../../domain/result.ts";
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
      return err(failure("not-found", `the recipe has no step ${name}${near}`, "see blutctl plan"));
    }
    const shelved = await shelf.all();
    const candidates = shelved.flatMap(({ file, registry }) => {
      if (!registry.ok) return [];
      return swapCandidates(slotOf(step), registry.value.stages).map((one) => stageView(one, file));
    });
    return ok({ step: name, stage: step.stage.name, candidates });
  },
);

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
