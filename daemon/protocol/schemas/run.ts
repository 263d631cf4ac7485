import { z } from "zod";
import { runStates, stepStates } from "../../domain/run.ts";
import { attemptStates } from "../../domain/attempt.ts";
import { waitReasons } from "../../domain/reservation.ts";
import { wireLimits } from "../limits.ts";
import { evidence } from "./calibration.ts";
import * as c from "./common.ts";

export const limitOrigin = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("default") }),
  z.strictObject({ kind: z.literal("asked") }),
  z.strictObject({ kind: z.literal("declared") }),
  z.strictObject({ kind: z.literal("pinned") }),
  z.strictObject({
    kind: z.literal("measured"),
    runId: z.string(),
    peakNeedBytes: c.countBytes,
  }),
  z.strictObject({
    kind: z.literal("escalated"),
    runId: z.string().optional().describe("absent: this very run, earlier"),
    killedAtBytes: c.countBytes,
  }),
]);

export const outcome = z.discriminatedUnion("cause", [
  z.strictObject({ cause: z.literal("succeeded") }),
  z.strictObject({ cause: z.literal("failed"), exitCode: z.int() }),
  z.strictObject({ cause: z.literal("out-of-memory"), limitBytes: c.countBytes }),
  z.strictObject({
    cause: z.literal("killed-from-outside"),
    by: z.enum(["box-oom", "oomd", "stranger"]),
  }),
  z.strictObject({ cause: z.literal("timed-out"), which: z.enum(["soft", "hard"]) }),
  z.strictObject({ cause: z.literal("cancelled") }),
  z.strictObject({ cause: z.literal("lost"), why: z.string() }),
  z.strictObject({ cause: z.literal("stalled"), silentMs: z.int().min(0).describe("ms") }),
  z.strictObject({ cause: z.literal("diverged"), metric: z.string(), value: z.string() }),
  z.strictObject({ cause: z.literal("could-not-start"), why: z.string() }),
  z.strictObject({ cause: z.literal("bad-output"), why: z.string() }),
]);

export const wait = z.strictObject({
  reason: z.enum(waitReasons),
  message: z.string(),
  unblocks: z.string(),
});

export const runEnd = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("outcome"), step: z.string(), outcome }),
  z.strictObject({
    kind: z.literal("footprint-exceeds-host"),
    step: z.string(),
    neededBytes: c.countBytes,
    ceilingBytes: c.countBytes,
  }),
  z.strictObject({ kind: z.literal("bad-input"), step: z.string(), why: z.string() }),
  z.strictObject({ kind: z.literal("needed-run-failed"), runId: z.string() }),
  z.strictObject({ kind: z.literal("cancelled-while-queued") }),
]);

/** One row of `runs`. */
export const runSummary = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(runStates),
  command: z
    .string()
    .describe("the command, or the recipe with its arguments, as one printable line, shortened"),
  priority: z.int(),
  createdAt: c.instant,
  startedAt: c.instant.optional(),
  endedAt: c.instant.optional(),
  attempts: z.int().describe("how often that step was tried which was tried most"),
  limitBytes: c.countBytes.optional().describe("limit of the newest attempt"),
  usedBytes: c.countBytes.optional().describe("non-reclaimable memory in use now"),
  peakNeedBytes: c.countBytes.optional(),
  end: runEnd.optional(),
  exitCode: z.int().optional(),
});

export const attempt = z.strictObject({
  id: z.string(),
  step: z.string(),
  number: z.int().min(1),
  state: z.enum(attemptStates),
  limitBytes: c.countBytes,
  limitOrigin,
  limitSentence: z.string(),
  unit: z.string().optional().describe("the systemd scope, where there is one"),
  createdAt: c.instant,
  startedAt: c.instant.optional(),
  endedAt: c.instant.optional(),
  usedBytes: c.countBytes.optional(),
  peakNeedBytes: c.countBytes.optional(),
  peakTotalBytes: c.countBytes.optional(),
  oomKills: z.int(),
  cpuUsageUsec: z.int().optional(),
  rodeLimit: z.boolean(),
  leftovers: z.int(),
  outcome: outcome.optional(),
  directory: z.string(),
});

export const stepDetail = z.strictObject({
  name: z.string(),
  state: z.enum(stepStates),
  stage: z.string(),
  needs: z.array(z.string()),
  argv: z.array(z.string()),
  cwd: z.string(),
  calibrationKey: z.string(),
  attempts: z.int(),
  parent: z.string().optional().describe("the mapped step that it is an element of"),
  element: z.string().optional().describe("name of the entry that it works on"),
  because: z.string().optional().describe("the step that failed or diverged first"),
  cachedFrom: z.string().optional().describe("the run whose result stood in for the work"),
  key: z.string().optional().describe("what its result is cached by"),
  artifact: z.string().optional().describe("digest of what it left"),
  kind: z.string().optional(),
  limitBytes: c.countBytes.optional().describe("of its newest attempt"),
  usedBytes: c.countBytes.optional(),
  peakNeedBytes: c.countBytes.optional(),
  startedAt: c.instant.optional().describe("of its newest attempt"),
  endedAt: c.instant.optional(),
  end: runEnd.optional().describe("the bad end that it came to by itself"),
  wait: wait.optional(),
});

export const runDetail = runSummary.extend({
  containment: c.containment,
  needs: z.array(z.string()),
  after: z.array(z.string()),
  dedupeKey: z.string().optional(),
  timeoutMs: c.durationMs.optional(),
  softTimeoutMs: c.durationMs.optional(),
  retriedFrom: z.string().optional(),
  sentence: z.string().describe("how it stands or ended, for a person"),
  steps: z.array(stepDetail).describe("a page of them, in the order of the plan"),
  stepCounts: z.partialRecord(z.enum(stepStates), z.int()).describe("how many are in each state"),
  failFast: z.boolean(),
  pinned: z.boolean(),
  logsCollectedAt: c.instant.optional().describe("its logs are kept no longer"),
  notify: c.notify.optional(),
  history: z.array(attempt).describe("the newest attempts, oldest first"),
});

export const listParams = z.strictObject({
  ...c.page,
  states: z.array(z.enum(runStates)).max(runStates.length).optional(),
  name: c.name.optional(),
  sinceAt: c.instant.optional().describe("created at or after"),
  before: z.string().max(64).optional().describe("id of the last row of the page before"),
});
export const listResult = z.strictObject({
  runs: z.array(runSummary),
  more: z.boolean().describe("older rows exist"),
});

export const runParams = z.strictObject({ run: c.selector });

export const getParams = z.strictObject({
  run: c.selector,
  step: z.string().max(100).optional().describe("only this step, its elements and their attempts"),
  stepsFrom: z.int().min(0).default(0).describe("the first step to answer, by its place"),
  stepsLimit: z.int().min(0).max(wireLimits.page).default(wireLimits.page),
});

export const explainParams = z.strictObject({
  run: c.selector,
  step: c.name
    .optional()
    .describe("this step; absent: one that waits where nothing runs, else the one of `run.log`"),
});
export const explainResult = z.strictObject({
  id: z.string(),
  state: z.enum(runStates),
  sentence: z.string(),
  step: z.string().optional().describe("the step that is explained, where the run has several"),
  limit: z.strictObject({
    bytes: c.countBytes,
    origin: limitOrigin,
    sentence: z.string(),
  }),
  calibration: z.strictObject({
    key: z.string(),
    cleanPeak: evidence.optional(),
    killedAt: evidence.optional(),
    pinned: evidence.optional(),
  }),
  wait: wait.optional(),
  ahead: z.int().optional().describe("ready steps before this one in the queue"),
  budget: z.strictObject({
    totalBytes: c.countBytes,
    reservedBytes: c.countBytes,
    availableBytes: c.countBytes.describe("MemAvailable of the box now"),
    reserveBytes: c.countBytes.describe("kept free for everything that is not blut's"),
  }),
  holders: z.array(
    z.strictObject({
      runId: z.string(),
      name: z.string(),
      limitBytes: c.countBytes,
      usedBytes: c.countBytes.optional(),
    }),
  ),
});

export const logParams = z.strictObject({
  run: c.selector,
  step: c.name.optional(),
  attempt: z.int().min(1).optional().describe("number of the attempt; the newest when absent"),
  stream: z.enum(["stdout", "stderr"]),
  offset: z.int().optional().describe("byte to read from; negative counts from the end; default 0"),
  limit: z.int().min(1).max(wireLimits.logPageBytes).default(wireLimits.logPageBytes),
  waitMs: z.int().min(0).max(wireLimits.waitMs).default(0).describe("wait so long for news"),
});
export const logResult = z.strictObject({
  attempt: z.int().describe("0 while there is no attempt"),
  step: c.name
    .optional()
    .describe(
      "of a run of many steps: the one asked for, else the first that failed, else one that runs, else the last",
    ),
  base64: z.string().describe("the bytes as they are"),
  offset: z.int().describe("of the first byte"),
  next: z.int().describe("offset to ask for next"),
  dropped: z.int().describe("bytes of the hole that was skipped, the log being over its cap"),
  ended: z
    .boolean()
    .describe("nothing will follow `next`: the run has ended, or the attempt asked for"),
});

export const waitParams = z.strictObject({
  runs: c.selectors,
  any: z.boolean().default(false).describe("answer at the first end"),
  waitMs: z.int().min(0).max(wireLimits.waitMs).default(wireLimits.waitMs),
});
export const waitResult = z.strictObject({
  done: z.boolean(),
  runs: z.array(
    z.strictObject({
      id: z.string(),
      state: z.enum(runStates),
      exitCode: z.int().optional(),
      sentence: z.string(),
    }),
  ),
});

export const cancelParams = z.strictObject({
  runs: c.selectors.describe("`all` means every run that has not ended"),
  reason: z.string().max(500).optional(),
  now: z.boolean().default(false).describe("SIGKILL at once"),
});
export const cancelResult = z.strictObject({
  cancelled: z.array(z.string()).describe("ended before they started"),
  stopping: z.array(z.string()).describe("asked to stop"),
});

export const retryParams = z.strictObject({
  runs: c.selectors,
  from: c.name.optional().describe("do this step again and everything after it"),
  only: z.boolean().default(false).describe("with `from`: that step alone"),
});
export const retryResult = z.strictObject({
  runs: z.array(z.strictObject({ from: z.string(), id: z.string() })),
});
