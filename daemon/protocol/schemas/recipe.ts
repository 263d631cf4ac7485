import { z } from "zod";
import { argumentTypes } from "../../domain/argument.ts";
import { planLimits, wireLimits } from "../limits.ts";
import { absolutePath, environment } from "./command.ts";
import * as c from "./common.ts";
import { artifactKind, claims, planSpec } from "./plan.ts";
import { limitOrigin } from "./run.ts";

/** A recipe as a person names it. The client reads a file itself: the daemon may not see what it sees. */
const recipeReference = z
  .union([
    z.strictObject({ name: c.name }),
    z.strictObject({
      file: absolutePath,
      text: z
        .string()
        .max(1024 ** 2)
        .optional()
        .describe("what is in it; read by the daemon when absent"),
    }),
  ])
  .describe("a name, or a file with its text");

export const problem = z.strictObject({
  field: z.string().describe("where in the document, such as `steps.train.needs[0]`"),
  message: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
});

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const argumentSpec = z.strictObject({
  name: z.string(),
  type: z.enum(argumentTypes),
  default: scalar.optional().describe("absent: it must be given"),
  range: z.array(scalar).optional(),
  choices: z.array(scalar).optional(),
  help: z.string().optional(),
});

const recipeSummary = z.strictObject({
  name: z.string(),
  kind: z.enum(["recipe", "cookbook"]),
  file: z.string(),
  help: z.string().optional(),
  args: z.array(argumentSpec),
  problems: z.array(problem).describe("why it cannot be run; empty when it can"),
});

export const listResult = z.strictObject({
  directory: z.string().optional().describe("where recipes are looked up by name"),
  recipes: z.array(recipeSummary),
});

const stageSummary = z.strictObject({
  name: z.string(),
  version: z.string(),
  category: z.string(),
  help: z.string(),
  args: z.array(argumentSpec),
  inputs: z.record(z.string(), artifactKind).describe("kinds by the name of the input"),
  output: artifactKind.optional().describe("absent: it leaves nothing"),
  file: z.string(),
});
export const stagesResult = z.strictObject({
  stages: z.array(stageSummary),
  broken: z
    .array(z.strictObject({ file: z.string(), message: z.string() }))
    .describe("cookbooks that cannot be used"),
});

export const recipeParams = z.strictObject({ recipe: recipeReference });
export const getResult = recipeSummary.extend({
  steps: z
    .array(
      z.strictObject({
        name: z.string(),
        needs: z.array(z.string()),
        command: z.string(),
        output: z.string().optional().describe("its kind"),
      }),
    )
    .describe("as its defaults make them; none while an argument has no default"),
});
export const checkResult = z.strictObject({
  file: z.string(),
  name: z.string().optional(),
  problems: z.array(problem),
});

export const schemaParams = z.strictObject({ which: z.enum(["recipe", "plan"]).default("recipe") });
export const schemaResult = z.strictObject({ schema: z.record(z.string(), z.json()) });

/** What a recipe is given. */
const given = {
  recipe: recipeReference,
  overrides: z
    .array(z.string().max(64 * 1024))
    .max(1000)
    .default([])
    .describe("`key=value`, `+new=value`, `~key`; several values are a sweep"),
  config: z
    .strictObject({ file: absolutePath, text: z.string().max(1024 ** 2) })
    .optional()
    .describe("a TOML file of arguments, over the defaults and under everything else"),
  cwd: absolutePath.describe("what paths among the arguments are taken from"),
  env: environment.describe("the whole environment; BLUT_ARG_NAME in it is an argument"),
  maxTrials: z.int().min(1).max(planLimits.steps).optional().describe("points a sweep may have"),
};

export const swapParams = z.strictObject({ ...given, step: c.name });
export const swapResult = z.strictObject({
  step: z.string(),
  stage: z.string(),
  candidates: z.array(stageSummary),
});

export const runParams = z.strictObject({
  ...given,
  name: c.name.optional().describe("the recipe's when absent"),
  priority: z.int().min(-1000).max(1000).default(0).describe("higher starts first"),
  needs: z.array(c.selector).max(wireLimits.selectors).default([]),
  after: z.array(c.selector).max(wireLimits.selectors).default([]),
  dedupeKey: z.string().min(1).max(256).optional(),
  notify: c.notify.optional(),
  failFast: z.boolean().default(false).describe("the first step that fails ends the rest"),
  pinned: z.boolean().default(false).describe("kept from every pruning, with what it makes"),
});
export const runResult = z.strictObject({
  id: z.string(),
  deduplicated: z.boolean(),
  steps: z.int(),
  points: z.int().describe("of the sweep; 1 without one"),
  fingerprint: z.string().describe("of everything configured"),
});

const verdict = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("hit"),
    key: z.string(),
    artifact: z.string(),
    runId: z.string(),
  }),
  z.strictObject({
    kind: z.literal("miss"),
    key: z.string(),
    changed: z.array(z.string()).describe("parts of the key that differ from the nearest result"),
  }),
  z.strictObject({
    kind: z.literal("unknown"),
    after: z
      .array(z.string())
      .describe(
        "steps that make what it reads; none where each element of a map is looked up by itself",
      ),
  }),
  z.strictObject({ kind: z.literal("never") }),
]);

const footprint = z.union([
  z.strictObject({ limitBytes: c.countBytes, origin: limitOrigin, sentence: z.string() }),
  z.strictObject({
    neededBytes: c.countBytes,
    ceilingBytes: c.countBytes,
    sentence: z.string().describe("why it cannot be run here"),
  }),
]);

const plannedStep = z.strictObject({
  name: z.string(),
  needs: z.array(z.string()),
  command: z.string().describe("as one printable line, shortened"),
  cwd: z.string(),
  args: z.record(z.string(), z.json()),
  output: artifactKind.optional(),
  map: z.string().optional().describe("the input that it is fanned out over"),
  cache: verdict,
  footprint,
  claims,
});

export const planParams = z.strictObject({
  ...given,
  limit: z.int().min(1).max(5000).default(1000),
});
export const inspectParams = z
  .strictObject({
    run: c.selector.optional().describe("the plan of a run"),
    plan: planSpec.optional().describe("a plan of one's own"),
    limit: z.int().min(1).max(5000).default(1000).describe("steps answered at most"),
  })
  .refine(
    ({ run, plan }) => (run === undefined) !== (plan === undefined),
    "expected either `run` or `plan`",
  );
export const planResult = z.strictObject({
  recipe: z
    .strictObject({
      name: z.string(),
      file: z.string(),
      points: z.int(),
      fingerprint: z.string(),
    })
    .optional(),
  steps: z.array(plannedStep).describe("each after those that it needs"),
  left: z.int().describe("steps that the list has no room for"),
  cache: z.strictObject({
    hit: z.int(),
    miss: z.int(),
    unknown: z.int(),
    never: z.int(),
  }),
  memory: z.strictObject({
    budgetBytes: c.countBytes,
    peakBytes: c.countBytes.describe("the most that is reserved at a time, packed into the budget"),
    wantedBytes: c.countBytes.describe("and if memory were no bound"),
    stepsAtOnce: z.int(),
  }),
  fits: z.boolean(),
  never: z
    .array(z.strictObject({ step: z.string(), sentence: z.string() }))
    .describe("steps that can never start here, and why"),
});
