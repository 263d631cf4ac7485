import { z } from "zod";
import { catchUpTakes, overlapPolicies } from "../domain/schedule.ts";
import * as v from "../planning/recipe/values.ts";

const secondMs = 1000;
const dayMs = 86_400_000;

const oneOf = <T extends string>(words: readonly T[]) =>
  z.enum(words as readonly [T, ...T[]], { error: `expected one of ${words.join(", ")}` });
const words = z.tuple([v.text("a program")], v.text("an argument"));
const tries = v.whole(0, 100);

const run = z.strictObject({
  cwd: v.text("a path").exactOptional(),
  env: z.record(z.string(), z.string()).default({}),
  priority: v.whole(-1000, 1000).default(0),
  memory: v.size.exactOptional().describe("first limit"),
  "memory-max": v.size.exactOptional(),
  cpus: z.number().min(0).max(4096).exactOptional(),
  gpus: v.whole(0, 64).exactOptional(),
  vram: v.size.exactOptional(),
  pools: z.record(v.claimName, v.whole(1, 1_000_000)).exactOptional(),
  locks: z.array(v.claimName).max(32).exactOptional(),
  timeout: v.duration.exactOptional(),
  "soft-timeout": v.duration.exactOptional(),
  retries: tries.exactOptional(),
  "oom-retries": tries.exactOptional(),
  "fail-fast": z.boolean().default(false),
  pinned: z.boolean().default(false),
});

/** What only a command takes: the steps of a recipe or a plan say these themselves. */
export const ofCommands = [
  "memory",
  "memory-max",
  "cpus",
  "gpus",
  "vram",
  "pools",
  "locks",
  "timeout",
  "soft-timeout",
  "retries",
  "oom-retries",
] as const;

const catchUp = z.strictObject({
  take: oneOf(catchUpTakes).default("last"),
  window: v.duration.default(dayMs),
  count: v.whole(1, 100).default(10),
});

const onFailure = z.strictObject({
  "retry-after": v.duration.exactOptional(),
  retries: v.whole(1, 100).default(1),
  "pause-after": v.whole(1, 1000).exactOptional(),
});

/** A schedule file, as it is written. */
export const scheduleFile = z.strictObject({
  help: z.string().max(1000).exactOptional(),
  cron: v.text("a cron expression").exactOptional(),
  every: v.duration
    .refine((ms) => ms >= secondMs && ms % secondMs === 0, "expected whole seconds, at least one")
    .exactOptional(),
  zone: v.text("a time zone").exactOptional(),
  jitter: v.duration.default(0),
  enabled: z.boolean().default(true),
  overlap: oneOf(overlapPolicies).default("skip"),
  "catch-up": z
    .union([oneOf(catchUpTakes).transform((take) => catchUp.parse({ take })), catchUp], {
      error: `expected ${catchUpTakes.join(", ")}, or a table with take, window and count`,
    })
    .default({ take: "last", window: dayMs, count: 10 }),
  "start-within": v.duration.exactOptional(),
  "on-failure": onFailure.default({ retries: 1 }),
  command: words.exactOptional(),
  recipe: v.text("a recipe").exactOptional(),
  args: z.array(v.text("an argument such as epochs=5")).max(1000).default([]),
  plan: v.text("a path").exactOptional(),
  run: run.default({
    ...{ env: {}, priority: 0, "fail-fast": false, pinned: false },
  }),
});
export type ScheduleFile = z.output<typeof scheduleFile>;
