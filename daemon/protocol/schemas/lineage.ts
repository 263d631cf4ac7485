import { z } from "zod";
import { facets } from "../../domain/lineage.ts";
import { wireLimits } from "../limits.ts";
import { digestPrefix } from "./artifact.ts";
import * as c from "./common.ts";

const rows = z.int().min(1).max(wireLimits.page);

export const traceParams = z.strictObject({
  artifact: digestPrefix,
  direction: z
    .enum(["up", "down"])
    .default("up")
    .describe("up: what it was made of; down: what was made of it"),
  limit: rows.default(500).describe("rows at most"),
});

const git = z.strictObject({
  commit: z.string(),
  branch: z.string().optional(),
  isDirty: z.boolean().describe("tracked files differed from the commit"),
});

/** The step that wrote an artifact, or on the way down one that read it. */
const maker = z.strictObject({
  runId: z.string(),
  name: z.string().optional().describe("of the run, where it is still known"),
  step: z.string(),
  attemptId: z.string().optional(),
  cachedFrom: z.string().optional().describe("the run whose result stood in for the work"),
  at: c.instant.optional(),
  command: z.string().optional().describe("shortened"),
  git: git.optional(),
});

export const traceResult = z.strictObject({
  artifact: z.string(),
  direction: z.enum(["up", "down"]),
  rows: z
    .array(
      z.strictObject({
        depth: z.int().min(0),
        isLast: z.boolean().describe("nothing of the same parent follows"),
        artifact: z.string().optional().describe("absent where a step left nothing"),
        kind: z.string().optional(),
        input: z.string().optional().describe("the name that it is read by"),
        by: maker.optional().describe("absent for what was there before"),
        path: z.string().optional(),
        others: z.int().describe("other steps that wrote the same"),
        isSeen: z.boolean().describe("what follows from it stands further up already"),
      }),
    )
    .describe("the tree, depth first"),
  more: z.boolean().describe("cut off at the limit"),
});

export const diffParams = z.strictObject({
  from: c.selector,
  to: c.selector,
  limit: rows.default(200).describe("steps that differ, at most"),
});

const side = z.strictObject({ id: z.string(), name: z.string() });

export const diffResult = z.strictObject({
  from: side,
  to: side,
  steps: z.array(
    z.strictObject({
      step: z.string(),
      only: z.enum(["from", "to"]).optional().describe("the other run has no step of that name"),
      changes: z.array(
        z.strictObject({
          facet: z.enum(facets),
          name: z.string(),
          from: z.json().optional(),
          to: z.json().optional(),
        }),
      ),
    }),
  ),
  same: z.int().describe("steps that differ in nothing"),
  more: z.boolean().describe("cut off at the limit"),
});

export const reindexResult = z.strictObject({
  runs: z.int().describe("runs that have a lineage file"),
  steps: z.int(),
  reads: z.int(),
  writes: z.int(),
  problems: z.int().describe("lines that are none of ours, left out"),
});
