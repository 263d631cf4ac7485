import { z } from "zod";
import { containments } from "../domain/host.ts";
import { logLevels } from "./config.ts";
import { amount, decimal, devices, duration, path, pools, size, whole } from "./values.ts";

/** One setting: how it is read, what is expected of it, and its flag where it has one. */
export interface Setting {
  readonly read: z.ZodType;
  readonly expected: string;
  readonly summary: string;
  readonly flag?: string;
}

const sizeText = "a size such as 512M, 1.5G or 8GiB";
const amountText = "a size such as 4G, or a share of the box such as 80%";
const durationText = "a duration such as 90s, 10m or 1h30m";
const pathText = "an absolute path";
const triesText = "a whole number from 0 to 100";

/**
 * Every setting by its key in blut.toml; `memory.budget` is `budget` in `[memory]`. The variable is
 * the key in capitals behind BLUT_. What nobody sets gets its default in `load.ts`.
 */
export const settings = {
  containment: {
    read: z.enum(containments),
    expected: containments.join(" or "),
    summary: "how work is held to its limit",
    flag: "containment",
  },
  "state-dir": {
    read: path,
    expected: pathText,
    summary: "directory of the database and of what runs leave",
    flag: "state-dir",
  },
  "runtime-dir": {
    read: path,
    expected: pathText,
    summary: "directory of the socket",
    flag: "runtime-dir",
  },
  socket: { read: path, expected: pathText, summary: "path of the socket", flag: "socket" },
  grace: {
    read: duration,
    expected: durationText,
    summary: "from SIGTERM to SIGKILL",
    flag: "grace",
  },
  "recipes.path": {
    read: path,
    expected: pathText,
    summary: "directory that recipes are looked up in by name",
  },
  "schedules.path": {
    read: path,
    expected: pathText,
    summary: "directory of the schedules that are kept",
  },
  "memory.budget": {
    read: amount,
    expected: amountText,
    summary: "memory the box gives to blut",
    flag: "budget",
  },
  "memory.reserve": {
    read: amount,
    expected: amountText,
    summary: "memory kept free for everything else",
    flag: "reserve",
  },
  "memory.default": {
    read: size,
    expected: sizeText,
    summary: "first limit of a command nothing is known of",
    flag: "default-memory",
  },
  "memory.escalation-factor": {
    read: decimal(1.1, 10),
    expected: "a number from 1.1 to 10",
    summary: "how much more after an out-of-memory kill",
  },
  "memory.margin-ratio": {
    read: decimal(0, 1),
    expected: "a number from 0 to 1",
    summary: "share added to a measured need",
  },
  "memory.margin": { read: size, expected: sizeText, summary: "least added to a measured need" },
  "cpus.total": {
    read: decimal(0.1, 4096),
    expected: "a number from 0.1 to 4096",
    summary: "CPUs that may be claimed",
    flag: "cpus",
  },
  "gpus.devices": {
    read: devices,
    expected: "sizes such as 24G,24G, with names as in a=24G, unified, or none",
    summary: "GPUs in the order of their indices, instead of what nvidia-smi finds",
    flag: "gpus",
  },
  "gpus.share": {
    read: decimal(0.1, 1),
    expected: "a number from 0.1 to 1",
    summary: "share of a card's memory that may be claimed",
  },
  "gpus.unified-share": {
    read: decimal(0.1, 1),
    expected: "a number from 0.1 to 1",
    summary: "share of memory that a GPU has in common with the box",
  },
  pools: {
    read: pools,
    expected: "names with whole numbers from 1 to 1000000, such as db = 2, or db=2,licence=1",
    summary: "named pools and their sizes",
    flag: "pools",
  },
  "retry.out-of-memory": {
    read: whole(0, 100),
    expected: triesText,
    summary: "tries with more memory after own-limit kills",
  },
  "retry.failure": {
    read: whole(0, 100),
    expected: triesText,
    summary: "tries after ordinary failures",
  },
  "retry.lost": {
    read: whole(0, 100),
    expected: triesText,
    summary: "tries after an attempt was lost or killed from outside",
  },
  "retry.timeout": {
    read: whole(0, 100),
    expected: triesText,
    summary: "tries after a hard timeout or a stall",
  },
  "retry.diverged": {
    read: whole(0, 100),
    expected: triesText,
    summary: "tries after a metric that was not finite, where a step asks for them",
  },
  "backoff.first": { read: duration, expected: durationText, summary: "wait before the first try" },
  "backoff.factor": {
    read: decimal(1, 10),
    expected: "a number from 1 to 10",
    summary: "how much longer each wait is",
  },
  "backoff.longest": { read: duration, expected: durationText, summary: "longest wait" },
  "log.level": {
    read: z.enum(logLevels),
    expected: logLevels.join(", "),
    summary: "what the daemon's log shows",
    flag: "log-level",
  },
  "output.cap": { read: size, expected: sizeText, summary: "output kept per stream of an attempt" },
  "output.head": { read: size, expected: sizeText, summary: "of which this much from the start" },
  "events.keep": {
    read: whole(100, 10_000_000),
    expected: "a whole number from 100 to 10000000",
    summary: "newest events kept",
  },
  "admission.max-passes": {
    read: whole(0, 10_000),
    expected: "a whole number from 0 to 10000",
    summary: "how often small work may pass a blocked head",
  },
  "admission.pressure-stop": {
    read: decimal(0.1, 100),
    expected: "a percentage from 0.1 to 100, without the sign",
    summary: "memory pressure at which nothing more starts",
  },
  "admission.pressure-resume": {
    read: decimal(0, 100),
    expected: "a percentage from 0 to 100, without the sign",
    summary: "memory pressure below which starting goes on",
  },
  "admission.sample-max-age": {
    read: duration,
    expected: durationText,
    summary: "age above which a sample of the box admits nothing",
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof settings;

/** What was set, read and checked one by one; what nobody set is absent. */
export type Values = {
  readonly [K in SettingKey]?: z.output<(typeof settings)[K]["read"]> | undefined;
};

/** Tells whether a text is the key of a setting. */
export function isSettingKey(text: string): text is SettingKey {
  return Object.hasOwn(settings, text);
}

/** The variable of a setting: `memory.budget` is `BLUT_MEMORY_BUDGET`. */
export function variableOf(key: string): string {
  return `BLUT_${key.toUpperCase().replace(/[.-]/g, "_")}`;
}

/** The flags of `blutd` that set something, for its command line; `config` names the file itself. */
export function configFlags(): { flag: string; summary: string }[] {
  const ofSettings = Object.values<Setting>(settings).flatMap(({ flag, summary, expected }) =>
    flag === undefined ? [] : [{ flag, summary: `${summary}: ${expected}` }],
  );
  return [{ flag: "config", summary: "the file to read instead of blut.toml" }, ...ofSettings];
}
