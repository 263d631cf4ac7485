import { z } from "zod";
import { formatBytes } from "../../domain/quantity.ts";
import { submitLimits, wireLimits } from "../limits.ts";
import { absolutePath, argument, bytesOf, environment, tries } from "./command.ts";
import * as c from "./common.ts";
import { planSpec } from "./plan.ts";

const argv = z
  .tuple([argument.min(1, "the program's name is empty")], argument)
  .refine((a) => a.length <= submitLimits.args, `at most ${submitLimits.args} arguments`)
  .refine(
    (a) => a.reduce((sum, text) => sum + bytesOf(text) + 1, 0) <= submitLimits.argvBytes,
    `all arguments together may have at most ${formatBytes(submitLimits.argvBytes)}`,
  );

/** What is said of a run, whatever it executes. */
const wishes = {
  env: environment.describe("the whole environment of the command; stored privately"),
  name: c.name
    .refine(
      (name) => name !== "last" && name !== "all",
      "`last` and `all` select runs by themselves",
    )
    .optional(),
  priority: z.int().min(-1000).max(1000).default(0).describe("higher starts first"),
  needs: z
    .array(c.selector)
    .max(wireLimits.selectors)
    .default([])
    .describe("runs that must succeed first"),
  after: z
    .array(c.selector)
    .max(wireLimits.selectors)
    .default([])
    .describe("runs that must have ended first"),
  dedupeKey: z.string().min(1).max(256).optional(),
  notify: c.notify.optional(),
};

const commandParams = z.strictObject({
  ...wishes,
  argv,
  cwd: absolutePath,
  memory: z
    .strictObject({
      firstBytes: c.sizeBytes.optional().describe("first limit; blut decides when absent"),
      ceilingBytes: c.sizeBytes.optional().describe("escalation never goes past it"),
    })
    .refine(
      (m) => (m.firstBytes ?? 0) <= (m.ceilingBytes ?? Infinity),
      "the first limit is above the ceiling",
    )
    .default({}),
  cpus: z.number().min(0).max(4096).optional(),
  gpus: z.int().min(0).max(64).optional().describe("GPU devices"),
  vramBytes: c.sizeBytes.optional().describe("memory of each device; whole devices when absent"),
  pools: z.record(c.name, z.int().min(1).max(1_000_000)).default({}),
  locks: z.array(c.name).max(32).default([]),
  softTimeoutMs: c.durationMs.optional().describe("SIGTERM as a warning"),
  timeoutMs: c.durationMs.optional().describe("SIGTERM, a grace, SIGKILL"),
  retries: tries.optional().describe("tries after ordinary failures"),
  oomRetries: tries.optional().describe("tries with more memory after own-limit kills"),
  calibrateAs: c.name.optional(),
});

const planParams = z.strictObject({
  ...wishes,
  plan: planSpec.describe("the whole DAG; a step needs its name, argv and cwd"),
  failFast: z.boolean().default(false).describe("the first step that fails ends the rest"),
  pinned: z.boolean().default(false).describe("kept from every pruning, with what it makes"),
});

/** A command, or a plan of many. */
export const submitParams = z.union([commandParams, planParams]);

/** A command as its submitter writes it. */
export type CommandAsk = z.input<typeof commandParams>;

export const submitResult = z.strictObject({
  id: z.string(),
  deduplicated: z.boolean().describe("an earlier submit with this key and body answered"),
});
