import { z } from "zod";
import { wireLimits } from "../limits.ts";
import * as c from "./common.ts";

/** A whole digest, or enough of its beginning to be the only one. */
export const digestPrefix = z
  .string()
  .regex(/^[0-9a-f]{4,64}$/, "expected 4 to 64 digits of a digest: 0 to 9 and a to f")
  .describe("a digest or a unique prefix of one");

/** One row of artifacts. */
export const artifactSummary = z.strictObject({
  digest: z.string(),
  bytes: c.countBytes,
  files: z.int().min(0),
  createdAt: c.instant,
  lastUsedAt: c.instant,
});

export const getParams = z.strictObject({
  artifact: digestPrefix,
  limit: z.int().min(1).max(wireLimits.page).default(100).describe("entries at most"),
});

export const getResult = artifactSummary.extend({
  path: z.string().describe("where it lies, read-only"),
  type: z.enum(["file", "program", "tree"]),
  entries: z.array(
    z.strictObject({
      name: z.string(),
      type: z.enum(["file", "program", "tree"]),
      digest: z.string(),
      bytes: c.countBytes,
      files: z.int().min(0),
    }),
  ),
  entryCount: z.int().min(0),
  results: z
    .array(
      z.strictObject({
        key: z.string(),
        kind: z.string(),
        stepLabel: z.string(),
        runId: z.string(),
        step: z.string(),
        createdAt: c.instant,
        hits: z.int().min(0),
      }),
    )
    .describe("what it stands in for, when the same work is asked for again"),
  neededBy: z.string().optional().describe("a live or pinned run that keeps it from being pruned"),
});
