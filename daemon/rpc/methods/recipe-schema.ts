import { z } from "zod";
import { ok } from "../../domain/result.ts";
import { recipeFile } from "../../planning/recipe/schema.ts";
import { planSpec } from "../../protocol/schemas/plan.ts";
import { define } from "../context.ts";

const schemas = { recipe: recipeFile, plan: planSpec };

/** The JSON schema of what people write, so that their editors complete it. */
export const recipeSchema = define("recipe.schema", ({ which }) => {
  const made = z.toJSONSchema(schemas[which], {
    io: "input",
    target: "draft-7",
    // Of what zod has no word for, our own is on it.
    unrepresentable: "any",
  });
  // Functions that zod leaves on it are no JSON.
  return ok({
    schema: JSON.parse(JSON.stringify(made)) as Record<string, z.infer<z.ZodJSONSchema>>,
  });
});
