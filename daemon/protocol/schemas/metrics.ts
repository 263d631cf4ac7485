import { z } from "zod";
import { attemptStates } from "../../domain/attempt.ts";
import { nonFiniteNames } from "../../domain/metric.ts";
import * as c from "./common.ts";

/** Points of one series, and attempts of one answer. */
export const metricLimits = { points: 2000, attempts: 100 } as const;

const metricValue = z
  .union([z.number(), z.enum(nonFiniteNames)])
  .describe("a finite number, or the name of what it is instead");

export const progress = z.strictObject({
  done: z.number(),
  total: z.number().optional(),
  message: z.string().optional(),
});

const point = z.strictObject({
  at: z.number().describe("epoch ms"),
  step: z.number().optional().describe("as the stage counts"),
  value: metricValue,
});

const series = z.strictObject({
  name: z.string(),
  count: z.int().describe("values there were before they were thinned out"),
  last: metricValue,
  min: z.number().optional(),
  max: z.number().optional(),
  points: z.array(point).describe("in their order; the smallest and the largest are among them"),
});

export const metricsParams = z.strictObject({
  run: c.selector,
  step: c.name.optional().describe("this step and its elements"),
  attempt: z.int().min(1).optional().describe("number of the attempt; the newest when absent"),
  points: z.int().min(7).max(metricLimits.points).default(200).describe("of each series, at most"),
  limit: z.int().min(1).max(metricLimits.attempts).default(20).describe("attempts, at most"),
});

export const metricsResult = z.strictObject({
  id: z.string(),
  attempts: z
    .array(
      z.strictObject({
        step: z.string(),
        number: z.int(),
        state: z.enum(attemptStates),
        file: z.string().describe("path of the whole course as CSV"),
        progress: progress.optional().describe("of one that is live"),
        series: z.array(series),
        isPartial: z.boolean().describe("the beginning, or some of the names, were left out"),
      }),
    )
    .describe("those that said anything, the newest of each step, in the order of their start"),
  more: z.boolean().describe("other steps have metrics, too: name one"),
});
