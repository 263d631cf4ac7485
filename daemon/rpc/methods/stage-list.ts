import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { stageView } from "../views/stage-view.ts";

/** Stages of the cookbooks of the recipe directory, by category; cookbooks that cannot be used say why. */
export const stageList = define("stage.list", async (_params, { shelf }) => {
  const shelved = await shelf.all();
  const stages = shelved.flatMap(({ file, registry }) =>
    registry.ok ? registry.value.stages.map((stage) => stageView(stage, file)) : [],
  );
  const broken = shelved.flatMap(({ file, registry }) =>
    registry.ok ? [] : [{ file, message: registry.error.message }],
  );
  const place = (stage: (typeof stages)[number]): string => `${stage.category}\0${stage.name}`;
  return ok({ stages: stages.sort((a, b) => (place(a) < place(b) ? -1 : 1)), broken });
});
