import { z } from "zod";
import {
  catchUpTakes,
  clockHolders,
  overlapPolicies,
  tickCauses,
  tickStates,
} from "../../domain/schedule.ts";
import { absolutePath } from "./command.ts";
import * as c from "./common.ts";
import { problem } from "./recipe.ts";

const tick = z.strictObject({
  instant: c.instant,
  cause: z.enum(tickCauses),
  state: z.enum(tickStates),
  at: c.instant.describe("when it was dealt with"),
  runId: z.string().optional(),
  because: z.string().optional().describe("why it has no run"),
  count: z.int().optional().describe("where it stands for many that were missed in a row"),
  since: c.instant.optional().describe("the first of those; `instant` is the last"),
});

const summary = z.strictObject({
  name: z.string(),
  file: z.string(),
  help: z.string().optional(),
  when: z.string().describe("the cron expression, or `every 6h`"),
  zone: z.string(),
  state: z.enum(["on", "off", "paused"]),
  work: z.string().describe("what it starts, as one printable line"),
  nextAt: c.instant.optional(),
  via: z.enum(clockHolders).describe("who holds its clock"),
  account: z.string().optional().describe("whose systemd that is, where all work is one account's"),
  viaProblem: z.string().optional().describe("why blutd holds it all the same"),
  failures: z.int().describe("in a row"),
  history: z.array(tick).describe("newest first"),
});

const broken = z.strictObject({ name: z.string(), file: z.string(), problems: z.array(problem) });

export const listResult = z.strictObject({
  directory: z.string().optional().describe("where the files are"),
  schedules: z.array(summary),
  broken: z.array(broken).describe("files whose last good version holds, if there was one"),
});

export const nameParams = z.strictObject({ name: c.name });
export const getParams = z.strictObject({
  name: c.name,
  history: z.int().min(1).max(1000).default(20),
});
export const getResult = summary.extend({
  jitterMs: z.int(),
  overlap: z.enum(overlapPolicies),
  catchUp: z.strictObject({ take: z.enum(catchUpTakes), windowMs: z.int(), count: z.int() }),
  startWithinMs: z.int().optional(),
  onFailure: z.strictObject({
    retryAfterMs: z.int().optional(),
    retries: z.int(),
    pauseAfter: z.int().optional(),
  }),
  notify: c.notify.optional(),
  problems: z.array(problem).describe("of the file as it is now; what is shown holds meanwhile"),
});

export const nextParams = z.strictObject({
  name: c.name,
  count: z.int().min(1).max(1000).default(5),
});
export const nextResult = z.strictObject({
  zone: z.string(),
  instants: z.array(c.instant).describe("with the jitter"),
});

export const fireResult = tick.extend({ runId: z.string() });
export const dueResult = z.strictObject({
  instants: z.array(tick).describe("those that came of it; empty when nothing was due"),
});
export const exportResult = z.strictObject({
  files: z
    .array(z.strictObject({ name: z.string(), text: z.string() }))
    .describe("the timer, then its service"),
});
export const enableParams = z.strictObject({
  name: c.name,
  via: z.enum(clockHolders).optional().describe("who holds its clock from now on"),
});
export const enableResult = summary;

export const checkParams = z
  .strictObject({ file: absolutePath, text: z.string().max(1024 ** 2) })
  .partial()
  .refine(
    ({ file, text }) => (file === undefined) === (text === undefined),
    "expected a file with its text, or neither",
  );
export const checkResult = z.strictObject({
  files: z.array(z.strictObject({ file: z.string(), problems: z.array(problem) })),
});
