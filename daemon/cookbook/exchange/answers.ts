import { z } from "zod";
import { argumentTypes, type ArgumentValue } from "../../domain/argument.ts";
import type { DraftedStep } from "../draft-to-plan.ts";
import type { Registry } from "../registry.ts";

/*
 * What the process of a cookbook may answer. It is a person's program and can write into the answer itself,
 * so the daemon believes no more of it than this; the steps are checked as a plan later.
 */

/** A number may be infinite here, which `z.number` refuses. */
const number = z.custom<number>((value) => typeof value === "number", "expected a number");
const value = z.custom<ArgumentValue>(
  (it) => typeof it === "string" || typeof it === "number" || typeof it === "boolean",
  "expected a text, a number or a truth value",
);
const argumentSpec = z.strictObject({
  type: z.enum(argumentTypes),
  default: value.exactOptional(),
  range: z.tuple([number, number]).exactOptional(),
  choices: z.array(value).exactOptional(),
  help: z.string().exactOptional(),
});
const described = {
  name: z.string(),
  help: z.string(),
  args: z.record(z.string(), argumentSpec),
};

/** The answer to `list`. */
export const registryAnswer = z.strictObject({
  stages: z.array(
    z.strictObject({
      ...described,
      version: z.string(),
      category: z.string(),
      inputs: z.record(z.string(), z.string()),
      output: z.string().exactOptional(),
    }),
  ),
  recipes: z.array(z.strictObject(described)),
  sources: z.array(z.string()),
}) satisfies z.ZodType<Registry>;

/** The answer to `compile`: the steps of each point. */
export const plansAnswer = z.array(
  z.array(
    z.strictObject({ spec: z.looseObject({ name: z.string() }), gather: z.array(z.string()) }),
  ),
) satisfies z.ZodType<readonly (readonly DraftedStep[])[]>;
