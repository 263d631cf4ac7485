import { z } from "zod";
import { wireLimits } from "../limits.ts";
import * as c from "./common.ts";

/** A figure and the run it was seen in. */
export const evidence = z.strictObject({
  bytes: c.sizeBytes,
  runId: z.string().max(64),
  at: c.instant,
});

export const calibration = z.strictObject({
  key: c.calibrationKey,
  cleanPeak: evidence.optional().describe("largest measured need of an attempt not held down"),
  killedAt: evidence.optional().describe("largest limit it was killed at: it needs more"),
  pinned: evidence.optional().describe("set by a person"),
  successes: z.int().min(0),
  kills: z.int().min(0),
  rejected: z.int().min(0),
  lastSeenAt: c.instant,
});

export const listParams = z.strictObject({
  limit: z.int().min(1).max(wireLimits.page).default(200),
  prefix: z.string().max(512).optional(),
});
export const listResult = z.strictObject({
  calibrations: z.array(calibration),
  more: z.boolean(),
});

export const getResult = calibration.extend({
  nextLimitBytes: c.sizeBytes.describe("what the next attempt would get"),
  sentence: z.string(),
  gone: z
    .array(z.string())
    .describe("runs named here that are not on record: collected since, or of another box"),
});
export const setParams = z.strictObject({ key: c.calibrationKey, bytes: c.sizeBytes });
export const forgetParams = z.strictObject({
  keys: z.array(c.calibrationKey).min(1).max(wireLimits.selectors),
});
export const forgetResult = z.strictObject({ forgotten: z.array(z.string()) });
export const document = z.strictObject({
  version: z.literal(1),
  calibrations: z.array(calibration).max(100_000),
});
export const importParams = z.strictObject({ document });
export const importResult = z.strictObject({
  merged: z.int(),
  rejected: z.int().describe("rows with impossible figures"),
});
