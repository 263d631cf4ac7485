import { z } from "zod";
import { artifactSummary } from "./artifact.ts";
import * as c from "./common.ts";

export const statsResult = z.strictObject({
  artifacts: z.int().min(0),
  bytes: c.countBytes.describe("every artifact counted whole"),
  storedBytes: c.countBytes.describe("what they take of the disk: what they share counts once"),
  entries: z.int().min(0).describe("results that stand in for doing the work again"),
  hits: z.int().min(0).describe("of all time"),
  savedMs: z.int().min(0).describe("how long the work took that hits made needless, of all time"),
});

export const pruneParams = z
  .strictObject({
    maxBytes: z.int().min(0).optional().describe("what the artifacts may take of the disk"),
    olderThanMs: z.int().min(0).optional().describe("not used for so long"),
    dryRun: z.boolean().default(false).describe("only say what would go"),
  })
  .refine(
    ({ maxBytes, olderThanMs }) => maxBytes !== undefined || olderThanMs !== undefined,
    "say what may stay: a size, an age or both",
  );

export const pruneResult = z.strictObject({
  dryRun: z.boolean(),
  removed: z.int().min(0),
  artifacts: z.array(artifactSummary).describe("the first of them, the one longest not used first"),
  freedBytes: c.countBytes,
  storedBytes: c.countBytes.describe("what is left on the disk"),
  needed: z.int().min(0).describe("stayed because a live or pinned run needs them"),
});

export const verifyResult = z.strictObject({
  artifacts: z.int().min(0),
  files: z.int().min(0),
  bytes: c.countBytes,
  rotten: z
    .array(z.strictObject({ digest: z.string(), why: z.string() }))
    .describe("taken out of the cache: they are made again when they are asked for"),
});
