import { z } from "zod";
import * as c from "./common.ts";
import { runSummary, wait } from "./run.ts";

export const hold = z.strictObject({
  mode: z.enum(["pause", "drain"]),
  reason: z.string(),
  since: c.instant,
  until: c.instant.optional(),
});

const build = z.strictObject({
  version: z.string().max(100),
  commit: z.string().max(100).optional(),
  dirty: z.boolean().optional().describe("its files differ from that commit"),
});

const restartCommand = z.string().describe("how to start it anew; what runs goes on");

/** The daemon's own build, and what became of its files since it was started. */
const daemonBuild = build.extend({
  protocol: z.string(),
  onDisk: build.optional().describe("its files, when they are no longer what runs"),
  restart: restartCommand,
});

export const helloParams = build;
export const helloResult = daemonBuild;

export const statusResult = daemonBuild.extend({
  pid: z.int(),
  startedAt: c.instant,
  containment: c.containment,
  containmentSentence: z.string(),
  hold: hold.optional(),
  memory: z.strictObject({
    totalBytes: c.countBytes,
    availableBytes: c.countBytes,
    budgetBytes: c.countBytes,
    reservedBytes: c.countBytes.describe("sum of the limits of live attempts"),
    usedBytes: c.countBytes.describe("non-reclaimable memory of live attempts"),
    reserveBytes: c.countBytes,
    pressureFullAvg10: z.number().optional(),
  }),
  cpus: z.strictObject({ total: z.number(), reserved: z.number() }),
  gpus: z.array(
    z.strictObject({
      index: z.int(),
      name: z.string(),
      vramBytes: c.countBytes,
      budgetBytes: c.countBytes.describe("what may be claimed of it"),
      usedBytes: c.countBytes.describe(
        "what is claimed of it; all of its budget when it is held whole",
      ),
      holders: z.int(),
    }),
  ),
  pools: z.array(z.strictObject({ name: z.string(), total: z.int(), used: z.int() })),
  counts: z.strictObject({ queued: z.int(), running: z.int(), ended: z.int() }),
  schedules: z.strictObject({
    on: z.int(),
    off: z.int(),
    paused: z.int().describe("after failures in a row, until somebody enables them"),
    broken: z.int().describe("files that cannot be used now"),
    next: z.strictObject({ name: z.string(), at: c.instant }).optional(),
  }),
  health: z.array(
    z.strictObject({ part: z.enum(["bus", "storage", "sampler", "notify"]), problem: z.string() }),
  ),
  running: z.array(runSummary).describe("at most 50"),
  waiting: z
    .array(runSummary.extend({ wait: wait.optional() }))
    .describe("the head of the queue, at most 20"),
  recent: z.array(runSummary).describe("the last that ended, at most 5"),
});

export const pauseParams = z.strictObject({
  reason: z.string().max(500).default(""),
  forMs: c.durationMs.optional(),
});
export const holdResult = z.strictObject({ hold: hold.optional(), running: z.int() });

const settingKeys = z.array(z.string());
export const reloadResult = z.strictObject({
  changed: settingKeys.describe("in force from now on"),
  restart: settingKeys.describe("changed in the file, in force with the next start"),
  restartCommand,
});

export const doctorResult = z.strictObject({
  findings: z.array(
    z.strictObject({
      check: z.string(),
      level: z.enum(["ok", "warn", "fail"]),
      message: z.string(),
      remedy: z.string().optional().describe("the exact command, or what to change"),
    }),
  ),
});

export const metricsResult = z.strictObject({
  text: z.string().describe("the daemon's own metrics in the text format of Prometheus"),
});
