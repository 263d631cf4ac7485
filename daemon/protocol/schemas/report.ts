import { z } from "zod";
import { attemptStates } from "../../domain/attempt.ts";
import { runStates } from "../../domain/run.ts";
import { waitReasons } from "../../domain/reservation.ts";
import * as c from "./common.ts";
import { limitOrigin } from "./run.ts";

const count = z.int().min(0);
const ms = z.number().min(0).describe("ms");
const byteSeconds = z.number().min(0).describe("bytes times the seconds they were held");
const percent = z.number().min(0);

export const getParams = z.strictObject({
  sinceAt: c.instant.describe("epoch ms; runs count where they ended"),
  untilAt: c.instant.optional().describe("epoch ms, exclusive; absent: now"),
  minutes: z.int().min(1).max(3000).default(60).describe("rows of the box's history, at most"),
  bars: count.max(1000).default(0).describe("runs of the timeline, at most"),
  courses: count.max(40).default(0).describe("attempts with their memory over time, at most"),
});

const name = z.strictObject({
  name: z.string(),
  succeeded: count,
  failed: count,
  cancelled: count,
  tookMs: ms.describe("of all attempts together"),
  peakNeedBytes: c.countBytes.optional(),
  recipe: z.string().optional(),
  schedule: z.string().optional(),
});

const failure = z.strictObject({
  name: z.string(),
  cause: z.string().describe("one word, or `exit 1`, or `killed by oomd`"),
  count,
  recovered: z.boolean().describe("a later run of the name ended well"),
  runId: z.string().describe("the newest"),
  step: z.string().optional(),
  at: c.instant,
  sentence: z.string(),
  lastLine: z.string().optional().describe("the last it wrote, to stderr where it did"),
});

const waited = z.strictObject({
  runId: z.string(),
  name: z.string(),
  from: c.instant,
  until: c.instant,
});

const schedule = z.strictObject({
  name: z.string(),
  fired: count.describe("with a run that goes on"),
  succeeded: count,
  failed: count,
  cancelled: count,
  skipped: count,
  missed: count,
  refused: count,
  late: count.describe("of those with a run: more than a minute after their time"),
  because: z.string().optional().describe("of the last one that has no run"),
});

const minute = z.strictObject({
  at: c.instant,
  availableBytes: c.countBytes.describe("least"),
  pressureFull: percent.optional().describe("highest PSI full avg10"),
  pressureSome: percent.optional().describe("highest PSI some avg10"),
  limitBytes: c.countBytes.describe("highest sum of limits"),
  needBytes: c.countBytes.describe("highest sum of what was needed"),
  running: count,
  waiting: count,
  budgetBytes: c.countBytes,
  floorBytes: c.countBytes.describe("what is kept free"),
});

const bar = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(runStates),
  createdAt: c.instant,
  startedAt: c.instant.optional(),
  endedAt: c.instant.optional(),
  cause: z.string().optional().describe("how it ended, where not well"),
});

const course = z.strictObject({
  runId: z.string(),
  name: z.string(),
  step: z.string(),
  number: z.int().min(1),
  state: z.enum(attemptStates),
  cause: z.string().optional(),
  startedAt: c.instant,
  endedAt: c.instant.optional(),
  limitBytes: c.countBytes,
  origin: limitOrigin.describe("where the limit came from"),
  stepMs: z.int().min(1),
  needBytes: z
    .array(c.countBytes.nullable())
    .describe("the highest of each `stepMs`, null: not seen"),
});

export const getResult = z.strictObject({
  sinceAt: c.instant,
  untilAt: c.instant,
  runs: z.strictObject({
    succeeded: count,
    failed: count,
    cancelled: count,
    running: count.describe("now"),
    queued: count.describe("now"),
  }),
  needYou: count.describe(
    "names that failed and have not recovered, or are schedules that rest or could not start anything",
  ),
  names: z.array(name).describe("what took longest first"),
  moreNames: count,
  failures: z.array(failure).describe("what needs somebody first"),
  moreFailures: count,
  memory: z.strictObject({
    limitByteSeconds: byteSeconds.describe("reserved by limits, over time"),
    needByteSeconds: byteSeconds.describe("of that really needed"),
    savedByteSeconds: byteSeconds.describe(
      "sum over attempts with a measured limit of (the limit they would have got with nothing learnt - their limit) x time, where positive",
    ),
    addedByteSeconds: byteSeconds.describe("the same where negative"),
    measuredAttempts: count,
    kills: count.describe("attempts killed at their own limits"),
    killedRuns: count,
    killedMs: ms.describe("time that went with them"),
    wasted: z
      .array(
        z.strictObject({
          name: z.string(),
          byteSeconds: byteSeconds.describe("(limit - mean need) x time"),
          limitBytes: c.countBytes,
          peakNeedBytes: c.countBytes,
          origin: z.string(),
        }),
      )
      .describe("the names that held most without needing it"),
  }),
  box: z.strictObject({
    minutes: count.describe("in which something ran or waited"),
    floorMinutes: count.describe("in which less was available than is to be kept free"),
    pressureMinutes: count.describe("with PSI full avg10 at the stop threshold or above"),
    nearMinutes: count.describe("either of both"),
    pressureStop: percent,
    killedFromOutside: count.describe("attempts killed by the box's OOM killer or systemd-oomd"),
    leastAvailableBytes: c.countBytes.optional(),
    highestPressure: percent.optional(),
    budgetBytes: c.countBytes,
    floorBytes: c.countBytes,
  }),
  waits: z
    .strictObject({
      count,
      medianMs: ms,
      p95Ms: ms,
      longest: waited.extend({
        why: z.enum(waitReasons).optional().describe("what the first in line mostly waited for"),
      }),
    })
    .optional()
    .describe("from submit, or the end of what it had to wait for, to the first attempt"),
  cache: z.strictObject({ hits: count, savedMs: ms }),
  schedules: z.array(schedule).describe("those in trouble first"),
  moreSchedules: count,
  paused: z.array(z.strictObject({ name: z.string(), pausedAt: c.instant, failures: count })),
  daemon: z.strictObject({
    starts: count,
    reboots: count.describe("starts after the machine was started again"),
    deaths: count.describe("starts after an end that nobody announced"),
  }),
  disk: z.strictObject({
    databaseBytes: c.countBytes,
    logBytes: c.countBytes.describe("of ended runs, as far as they were weighed"),
    artifactBytes: c.countBytes.describe("every artifact counted whole"),
    freeBytes: c.countBytes.describe("where the state is"),
    totalBytes: c.countBytes,
    collected: z
      .strictObject({ runs: count, logs: count, freedBytes: c.countBytes })
      .describe("what retention took in the span"),
  }),
  stepMs: z.int().min(1).describe("what each of the minutes stands for"),
  minutes: z.array(minute).describe("the box, oldest first; where nothing ran there is none"),
  bars: z.array(bar),
  moreBars: count,
  courses: z.array(course),
});
