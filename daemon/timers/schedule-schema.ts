import { z } from "zod";
import { noticeKinds } from "../domain/notice.ts";
import { catchUpTakes, clockHolders, overlapPolicies } from "../domain/schedule.ts";
import * as v from "../planning/recipe/values.ts";

const secondMs = 1000;
const dayMs = 86_400_000;

const oneOf = <T extends string>(words: readonly T[]) =>
  z.enum(words as readonly [T, ...T[]], { error: `expected one of ${words.join(", ")}` });
const words = z
  .tuple([v.text("a program")], v.text("an argument"))
  .meta({ title: "a list of words" });
const tries = v.whole(0, 100);

const run = z.strictObject({
  cwd: v.text("a path").exactOptional().describe("where it runs, from where the file is"),
  env: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      "variables besides the daemon's own HOME, PATH, USER, LOGNAME, SHELL, LANG, TZ, XDG_RUNTIME_DIR",
    ),
  priority: v.whole(-1000, 1000).default(0).describe("higher starts first"),
  memory: v.size.exactOptional().describe("first limit; blut decides when absent"),
  "memory-max": v.size.exactOptional().describe("the limit may grow to this, never past it"),
  cpus: z.number().min(0).max(4096).exactOptional().describe("processors that it claims"),
  gpus: v.whole(0, 64).exactOptional().describe("GPUs that it claims"),
  vram: v.size.exactOptional().describe("memory of each GPU; without it GPUs are taken whole"),
  pools: z
    .record(v.claimName, v.whole(1, 1_000_000))
    .exactOptional()
    .describe("how much it claims of each named pool"),
  locks: z.array(v.claimName).max(32).exactOptional().describe("runs alone among those with these"),
  timeout: v.duration.exactOptional().describe("after so long SIGTERM, a grace, SIGKILL"),
  "soft-timeout": v.duration.exactOptional().describe("after so long SIGTERM, as a warning"),
  retries: tries.exactOptional().describe("tries after ordinary failures"),
  "oom-retries": tries
    .exactOptional()
    .describe("tries with more memory after its own limit killed it"),
  "fail-fast": z.boolean().default(false).describe("the first step that fails ends the rest"),
  pinned: z.boolean().default(false).describe("kept from every pruning, with what it makes"),
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
  take: oneOf(catchUpTakes).default("last").describe("nothing, the newest, or all"),
  window: v.duration.default(dayMs).describe("nothing that is older; a day when absent"),
  count: v.whole(1, 100).default(10).describe("of `all` so many, the newest"),
});

const onFailure = z.strictObject({
  "retry-after": v.duration.exactOptional().describe("fires once more so long after a failure"),
  retries: v.whole(1, 100).default(1).describe("and so often at most, for one instant"),
  "pause-after": v
    .whole(1, 1000)
    .exactOptional()
    .describe("rests after so many failures in a row, until it is enabled"),
});

/** A schedule file, as it is written. */
export const scheduleFile = z.strictObject({
  help: z.string().max(1000).exactOptional().describe("what it is for, in a line"),
  cron: v
    .text("a cron expression")
    .exactOptional()
    .describe("when: five fields, six with seconds first, or @daily and its like"),
  every: v.duration
    .refine((ms) => ms >= secondMs && ms % secondMs === 0, "expected whole seconds, at least one")
    .exactOptional()
    .describe("or this: at the multiples of a length since 1970"),
  zone: v
    .text("a time zone")
    .exactOptional()
    .describe("of its instants, such as Europe/Berlin; the machine's own when absent"),
  jitter: v.duration
    .default(0)
    .describe("each instant is put off by less than this, always by as much"),
  enabled: z.boolean().default(true).describe("false: it rests, until `schedule enable`"),
  via: oneOf(clockHolders)
    .default("blutd")
    .describe("who holds its clock; systemd does by a transient timer, also while blutd is down"),
  overlap: oneOf(overlapPolicies)
    .default("skip")
    .describe("what happens when an earlier run of it goes on"),
  "catch-up": z
    .union([oneOf(catchUpTakes).transform((take) => catchUp.parse({ take })), catchUp], {
      error: `expected ${catchUpTakes.join(", ")}, or a table with take, window and count`,
    })
    .default({ take: "last", window: dayMs, count: 10 })
    .describe("what becomes of instants that were missed"),
  "start-within": v.duration
    .exactOptional()
    .describe(
      "cancelled when it has not started so long after its instant; nothing later is made up for",
    ),
  "on-failure": onFailure.default({ retries: 1 }).describe("what happens when its run fails"),
  notify: z
    .union([z.literal(false), z.array(oneOf(noticeKinds)).max(noticeKinds.length)], {
      error: `expected false, or a list of ${noticeKinds.join(", ")}`,
    })
    .exactOptional()
    .describe("what a person is told of its runs; blut.toml decides when absent"),
  command: words.exactOptional().describe("what it starts: a program and its arguments, no shell"),
  recipe: v.text("a recipe").exactOptional().describe("or this: the name of one, or a file"),
  args: z
    .array(v.text("an argument such as epochs=5"))
    .max(1000)
    .default([])
    .describe("arguments of the recipe"),
  plan: v.text("a path").exactOptional().describe("or this: a plan as JSON"),
  run: run
    .default({ env: {}, priority: 0, "fail-fast": false, pinned: false })
    .describe("how it runs; of a command also what steps of a recipe say themselves"),
});
export type ScheduleFile = z.output<typeof scheduleFile>;
