import { z } from "zod";
import { argumentTypes, type ArgumentValue } from "../../domain/argument.ts";
import { cachePolicies, divergedPolicies } from "../../domain/plan.ts";
import { argumentName } from "../arguments/override.ts";
import * as v from "./values.ts";

/** Numbers of TOML need not be finite, and zod's own are. */
const scalar = z
  .custom<ArgumentValue>(
    (given) => ["string", "number", "boolean"].includes(typeof given),
    "expected a text, a number, or true or false",
  )
  .meta({ type: ["string", "number", "boolean"], title: "a text, a number, true or false" });
const bound = z
  .custom<number>((given) => typeof given === "number", "expected a number")
  .meta({ type: "number" });
const oneOf = <T extends string>(words: readonly T[]) =>
  z.enum(words as readonly [T, ...T[]], { error: `expected one of ${words.join(", ")}` });

const argument = z.strictObject({
  type: oneOf(argumentTypes).describe(
    "what its values are; a `path` is taken from where one calls",
  ),
  default: scalar.exactOptional().describe("without one the argument must be given"),
  range: z
    .tuple([bound, bound], { error: "expected [smallest, largest]" })
    .exactOptional()
    .describe("smallest and largest value, both allowed"),
  choices: z.array(scalar).min(1).max(1000).exactOptional().describe("the only values allowed"),
  help: z.string().max(1000).exactOptional().describe("what it is, for `recipe show`"),
});

const input = z.union(
  [
    v.stepName.describe("a step whose output it is"),
    z
      .strictObject({
        from: z
          .union([v.stepName, z.array(v.stepName).min(1)], {
            error: "expected a step, or a list of steps",
          })
          .describe("the step, or several"),
        kind: v.kind.exactOptional().describe("what it takes; what the step leaves when absent"),
        optional: z.boolean().exactOptional().describe("goes on without it when it failed"),
      })
      .describe("what a step leaves; of several steps a list"),
    z
      .strictObject({
        path: v.text("a path").describe("a file or a directory that is there"),
        kind: v.kind.default("any").describe("what it is"),
      })
      .describe("what lies somewhere; its contents are looked at, not its name"),
    z
      .strictObject({
        artifact: z
          .string()
          .regex(/^[0-9a-f]{64}$/, "expected a digest: 64 hex digits")
          .meta({ title: "a digest: 64 hex digits", description: "the digest of it" }),
        kind: v.kind.default("any").describe("what it is"),
      })
      .describe("what a step made once"),
  ],
  { error: "expected a step's name, or a table with from, path or artifact" },
);

const insidePath = v
  .text("a path")
  .refine(
    (path) => !path.startsWith("/") && !path.split("/").includes(".."),
    "expected a path inside the output directory",
  );

const output = z.union(
  [
    v.kind,
    z.strictObject({
      kind: v.kind.describe("what it is, for the steps that read it"),
      files: z.array(insidePath).default([]).describe("what must be there"),
      publish: v.text("a path").exactOptional().describe("where the output is also put"),
    }),
  ],
  { error: "expected a kind such as table, or a table with kind" },
);

const perDriver = z.union([v.size, z.record(z.string(), v.size)], {
  error: "expected a size, or a table of sizes by choice",
});
const memory = z.union(
  [
    v.size,
    z.strictObject({
      base: v.size.describe("what it takes whatever its arguments are"),
      per: z.record(z.string(), perDriver).default({}).describe("and for each unit of an argument"),
      max: v.size.exactOptional().describe("its limit never grows past this"),
    }),
  ],
  { error: "expected a size such as 512M, or a table with base" },
);

const tries = (after: string) =>
  v.whole(0, 100).exactOptional().describe(`tries after ${after}; else as blut.toml has it`);
const retry = z.strictObject({
  "out-of-memory": tries("its own limit killed it, each with more memory"),
  failure: tries("an ordinary failure"),
  lost: tries("it was lost or killed from outside"),
  timeout: tries("a hard timeout or a stall"),
  diverged: tries('a metric that was not finite, with `on-diverged = "retry"`'),
});

/** What a step says, and what `[defaults]` may say for all of them. */
const treatment = {
  cwd: v
    .text("a path")
    .exactOptional()
    .describe("where it runs, from the recipe's directory, which it is when absent"),
  env: z
    .record(z.string().regex(/^[^=\0]{1,255}$/), z.string())
    .default({})
    .describe("variables on top of the submitter's environment"),
  memory: memory.exactOptional().describe("first limit while nothing was learnt"),
  cpus: z.number().min(0).max(4096).exactOptional().describe("processors that it claims"),
  gpus: v.whole(0, 64).exactOptional().describe("GPUs that it claims"),
  vram: v.size.exactOptional().describe("memory of each GPU; without it GPUs are taken whole"),
  pools: z
    .record(v.claimName, v.whole(1, 1_000_000))
    .default({})
    .describe("how much it claims of each named pool"),
  locks: z.array(v.claimName).max(32).exactOptional().describe("runs alone among those with these"),
  retry: retry.default({}).describe("how often it is tried again, by the cause of the end"),
  timeout: v.duration.exactOptional().describe("after so long SIGTERM, a grace, SIGKILL"),
  "soft-timeout": v.duration.exactOptional().describe("after so long SIGTERM, as a warning"),
  heartbeat: v.duration.exactOptional().describe("silence of so long is a stall, and ends it"),
  grace: v.duration.exactOptional().describe("from SIGTERM to SIGKILL; else as blut.toml has it"),
  "on-diverged": oneOf(divergedPolicies)
    .exactOptional()
    .describe("a metric that is not finite means nothing, ends this branch, or has it tried again"),
  cache: oneOf(cachePolicies)
    .exactOptional()
    .describe("whether a result that is there already may stand for the work"),
};

const step = z.strictObject({
  command: z
    .tuple([v.text("a program")], v.text("a word"), {
      error: 'expected a list of words, such as ["python3", "train.py"]',
    })
    .meta({
      title: "a list of words",
      description:
        "the program and its arguments, with {args.X}, {inputs.X}, {out}, {checkpoints}, {context}, {recipe.dir}",
    }),
  stage: v
    .text("a name")
    .exactOptional()
    .describe("what kind of work it is; recipe/step if absent"),
  version: z.string().max(256).default("").describe("another version has other results"),
  args: z
    .array(z.string())
    .default([])
    .describe("arguments for context.json, besides those that the command names"),
  needs: z.array(v.stepName).default([]).describe("steps that go first"),
  inputs: z.record(v.inputName, input).default({}).describe("what it reads, by name"),
  map: v.inputName.exactOptional().describe("the input whose list is fanned out"),
  gather: z
    .union([z.boolean(), z.array(v.inputName).min(1)], { error: "expected true, or input names" })
    .default(false)
    .describe("in a sweep one step that reads all points: its inputs are lists"),
  output: output.exactOptional().describe("what it leaves in `{out}`; nothing when absent"),
  code: z
    .array(v.text("a path"))
    .exactOptional()
    .describe("files that are part of what it does; the script it names when absent"),
  calibrate: z.array(z.string()).default([]).describe("arguments that its memory depends on"),
  ...treatment,
});

/** The recipe file. `blutctl recipe schema` publishes it, so that editors complete it. */
export const recipeFile = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "expected a name: letters, digits, dots, _ or -")
      .exactOptional()
      .describe("the file's name when absent"),
    help: z.string().max(1000).exactOptional().describe("what it is for, in a line"),
    args: z
      .record(z.string().regex(argumentName, "expected a name: letters, digits, _ or -"), argument)
      .default({})
      .describe("what a caller may set, by name"),
    defaults: z.strictObject(treatment).prefault({}).describe("of every step"),
    steps: z
      .record(v.stepName, step)
      .refine((all) => Object.keys(all).length > 0, "has no step")
      .describe("the steps, by name"),
  })
  .describe("A blut recipe: what to run, with which arguments, in which order");

/** A recipe file, read and with its own defaults. */
export type RecipeFile = z.output<typeof recipeFile>;
/** One step of it. */
export type RecipeStep = RecipeFile["steps"][string];
/** What it and `[defaults]` may say. */
export type Treatment = RecipeFile["defaults"];
