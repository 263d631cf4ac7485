import { z } from "zod";
import { formatBytes } from "../../domain/quantity.ts";
import { submitLimits, wireLimits } from "../limits.ts";
import * as c from "./common.ts";

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
const noNul = (text: string): boolean => !text.includes("\0");

const argument = z
  .string()
  .refine(noNul, "a NUL byte cannot be part of an argument")
  .refine(
    (a) => bytesOf(a) <= submitLimits.argBytes,
    `an argument may have at most ${submitLimits.argBytes} bytes`,
  );

const argv = z
  .tuple([argument.min(1, "the program's name is empty")], argument)
  .refine((a) => a.length <= submitLimits.args, `at most ${submitLimits.args} arguments`)
  .refine(
    (a) => a.reduce((sum, text) => sum + bytesOf(text) + 1, 0) <= submitLimits.argvBytes,
    `all arguments together may have at most ${formatBytes(submitLimits.argvBytes)}`,
  );

const environment = z
  .record(
    z.string().regex(/^[^=\0]{1,255}$/, "a variable's name has no = and no NUL"),
    z.string().refine(noNul, "a variable's value has no NUL"),
  )
  .refine(
    (e) =>
      Object.entries(e).reduce((sum, [k, v]) => sum + bytesOf(k) + bytesOf(v) + 2, 0) <=
      submitLimits.environmentBytes,
    `the environment may have at most ${formatBytes(submitLimits.environmentBytes)}`,
  );

const absolutePath = z
  .string()
  .regex(/^\/[^\0]*$/, "expected an absolute path")
  .refine(
    (p) => bytesOf(p) <= submitLimits.pathBytes,
    `a path has at most ${submitLimits.pathBytes} bytes`,
  );

const tries = z.int().min(0).max(100);

export const submitParams = z.strictObject({
  argv,
  cwd: absolutePath,
  env: environment.describe("the whole environment of the command; stored privately"),
  name: c.name
    .refine(
      (name) => name !== "last" && name !== "all",
      "`last` and `all` select runs by themselves",
    )
    .optional(),
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
  softTimeoutMs: c.durationMs.optional().describe("SIGTERM as a warning"),
  timeoutMs: c.durationMs.optional().describe("SIGTERM, a grace, SIGKILL"),
  retries: tries.optional().describe("tries after ordinary failures"),
  oomRetries: tries.optional().describe("tries with more memory after own-limit kills"),
  calibrateAs: c.name.optional(),
  dedupeKey: z.string().min(1).max(256).optional(),
});

export const submitResult = z.strictObject({
  id: z.string(),
  deduplicated: z.boolean().describe("an earlier submit with this key and body answered"),
});
