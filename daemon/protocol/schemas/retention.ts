import { z } from "zod";
import { collectReasons, keepReasons } from "../../domain/retention.ts";
import * as c from "./common.ts";

export const collectParams = z.strictObject({
  dryRun: z.boolean().default(false).describe("only say what would go"),
  olderThanMs: z.int().min(0).optional().describe("runs that ended longer ago go"),
  keep: z.int().min(0).optional().describe("ended runs that may stay"),
  maxBytes: z
    .int()
    .min(0)
    .optional()
    .describe("what the directories of ended runs may take: logs go before runs"),
});

export const collectResult = z.strictObject({
  dryRun: z.boolean(),
  runs: z.int().min(0),
  logs: z.int().min(0).describe("runs that stay and lost their logs"),
  events: z.int().min(0),
  artifacts: z.int().min(0),
  freedBytes: c.countBytes.describe("of the disk, by runs, logs and artifacts"),
  items: z
    .array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        what: z.enum(["run", "logs"]),
        because: z.enum(collectReasons),
        bytes: c.countBytes,
        endedAt: c.instant,
      }),
    )
    .describe("the first of them, in the order in which they go"),
  kept: z
    .array(
      z.strictObject({
        because: z.enum([...keepReasons, "last"]),
        runs: z.int().min(1),
        examples: z.array(z.string()),
      }),
    )
    .describe("what would have gone, and why it stayed"),
  left: z.strictObject({
    runs: z.int().min(0).describe("that have ended"),
    logs: z.int().min(0).describe("of them those that have logs"),
    bytes: c.countBytes.describe("what their directories take"),
  }),
  clockLeptMs: z
    .int()
    .min(1)
    .optional()
    .describe(
      "the clock went ahead by so much just now; ages are counted without it until it stands",
    ),
});

export const pinParams = z.strictObject({ runs: c.selectors });
export const pinResult = z.strictObject({
  pinned: z.boolean(),
  runs: z.array(z.string()),
});
