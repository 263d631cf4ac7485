import { z } from "zod";
import {
  cachePolicies,
  divergedPolicies,
  ownPaths,
  type Plan,
  type Step,
} from "../../domain/plan.ts";
import { planLimits, submitLimits } from "../limits.ts";
import { absolutePath, argument, environment, tries } from "./command.ts";
import * as c from "./common.ts";

/** Lists of lists deeper than this are nobody's. */
const kindText = /^(?:list<){0,4}[A-Za-z][A-Za-z0-9_./-]{0,63}>{0,4}$/;

/** Kind of an artifact, of one word or a list of such. */
export const artifactKind = z
  .string()
  .refine(
    (text) => text.split("list<").length === text.split(">").length && kindText.test(text),
    "expected a kind: a word such as table, or list<table>",
  )
  .describe("kind of an artifact, such as `table` or `list<table>`; `any` takes everything");

const digest = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 in hex");
const inputName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, "expected letters, digits, _ or -, a letter first");

const wordPart = z.union([
  argument,
  z.strictObject({ input: inputName }).describe("path of that input's artifact"),
  z
    .strictObject({ own: z.enum(ownPaths) })
    .describe(
      "a directory or file of the attempt's own; node is blutd's Node, body what runs a cookbook's stage on it",
    ),
]);
const word = z.union([argument, z.array(wordPart).min(1).max(64)]);

const argv = z
  .tuple([word], word)
  .refine((words) => words[0] !== "", "the program's name is empty")
  .refine((words) => words.length <= submitLimits.args, `at most ${submitLimits.args} arguments`);

const optional = { optional: z.boolean().exactOptional().describe("left out when it failed") };
const source = z.union([
  z.strictObject({ step: c.name, ...optional }).describe("what that step leaves"),
  z
    .strictObject({ steps: z.array(c.name).min(1).max(planLimits.steps), ...optional })
    .describe("what these leave, as one list"),
  z.strictObject({ path: absolutePath }).describe("a file or directory, by its content"),
  z.strictObject({ artifact: digest }).describe("a stored artifact"),
]);

const input = z.strictObject({ kind: artifactKind, from: source });

const insidePath = z
  .string()
  .max(1024)
  .refine(
    (path) => path !== "" && !path.startsWith("/") && !path.split("/").includes(".."),
    "expected a path inside the output directory",
  );

const output = z.strictObject({
  kind: artifactKind,
  files: z.array(insidePath).max(1000).default([]).describe("what must be there"),
  publish: absolutePath.exactOptional().describe("where the finished output is also put"),
});

const memory = z
  .strictObject({
    firstBytes: c.sizeBytes.exactOptional().describe("first limit; blut decides when absent"),
    declaredBytes: c.sizeBytes.exactOptional().describe("first limit while nothing was learnt"),
    ceilingBytes: c.sizeBytes.exactOptional().describe("escalation never goes past it"),
  })
  .refine(
    (m) => (m.firstBytes ?? 0) <= (m.ceilingBytes ?? Infinity),
    "the first limit is above the ceiling",
  );

/** What a step takes besides memory. */
export const claims = z.strictObject({
  cpus: z.number().min(0).max(4096).default(0),
  gpus: z.int().min(0).max(64).default(0).describe("devices"),
  vramBytes: c.countBytes.default(0).describe("of each device; 0 takes a device whole"),
  pools: z.record(c.name, z.int().min(1).max(1_000_000)).default({}),
  locks: z.array(c.name).max(32).default([]),
});

/** What a plan says by saying nothing: the same on every box, whatever its configuration. */
const retry = z.strictObject({
  outOfMemory: tries.default(6),
  failure: tries.default(0),
  lost: tries.default(3),
  timeout: tries.default(0),
  diverged: tries.default(0),
});

const timeouts = z.strictObject({
  softMs: c.durationMs.exactOptional().describe("SIGTERM as a warning"),
  hardMs: c.durationMs.exactOptional().describe("SIGTERM, a grace, SIGKILL"),
  heartbeatMs: c.durationMs.exactOptional().describe("silence that is a stall"),
  graceMs: c.durationMs.default(10_000),
});

const stepFields = z.strictObject({
  name: c.name,
  stage: z
    .strictObject({ name: z.string().min(1).max(256), version: z.string().max(256) })
    .exactOptional()
    .describe("what kind of work it is; by its name when absent"),
  argv,
  cwd: absolutePath,
  env: environment.default({}),
  needs: z.array(c.name).max(planLimits.needs).default([]).describe("steps that go first"),
  inputs: z
    .record(inputName, input)
    .refine((all) => Object.keys(all).length <= planLimits.inputs, "too many inputs")
    .default({}),
  output: output.exactOptional().describe("absent: nothing is kept of its output directory"),
  args: z.record(z.string(), z.json()).default({}).describe("arguments, for context.json and keys"),
  code: z.array(absolutePath).max(1000).default([]).describe("files that are what it does"),
  cache: z.enum(cachePolicies).default("never"),
  map: inputName.exactOptional().describe("the input whose list is fanned out"),
  onDiverged: z.enum(divergedPolicies).default("ignore"),
  memory: memory.default({}),
  claims: claims.prefault({}),
  retry: retry.prefault({}),
  timeouts: timeouts.prefault({}),
  calibrationKey: z.string().max(512).default("").describe("by program and script when empty"),
});

const step = stepFields.transform((given): Step => {
  const { stage = { name: given.name, version: "" }, ...rest } = given;
  return { ...rest, stage };
});

const recipeOrigin = z.strictObject({
  name: z.string().min(1).max(256),
  file: absolutePath,
  points: z.record(z.string(), z.record(z.string(), z.json())),
  fingerprint: digest,
});

/**
 * A plan as data: what recipes compile to, what is stored, and what anybody may submit. A step needs its
 * `name`, `argv` and `cwd`; a calibration key that is left out is `""` until `finishedPlan` fills it.
 */
export const planSpec = z
  .strictObject({
    version: z.literal(1).default(1),
    steps: z.tuple([step], step).refine((all) => all.length <= planLimits.steps, {
      message: `at most ${planLimits.steps} steps`,
    }),
    recipe: recipeOrigin.exactOptional().describe("what it was compiled from"),
  })
  .transform((plan): Plan => plan);

/** A plan as it is written: everything that has a default may be left out. */
export type PlanSpec = z.input<typeof planSpec>;
