import { z } from "zod";
import { containments } from "../domain/host.ts";
import { noticeKinds } from "../domain/notice.ts";
import { logLevels } from "./config.ts";
import { retentionSettings } from "./retention-settings.ts";
import {
  amount,
  argv,
  decimal,
  devices,
  duration,
  kindsOfNotice,
  path,
  pools,
  size,
  webAddress,
  whole,
  yesOrNo,
} from "./values.ts";

/**
 * One setting: how it is read, what is expected of it, its flag where it has one, and what it is when
 * nobody sets it: a value as the file would have it, or in words where that hangs on the box.
 */
export type Setting = {
  readonly read: z.ZodType;
  readonly expected: string;
  readonly summary: string;
  readonly flag?: string;
  /** It may hold a secret: what is wrong with it is told without showing it. */
  readonly isPrivate?: true;
} & ({ readonly default: string | number | boolean } | { readonly otherwise: string });

const aSize = { read: size, expected: "a size such as 512M, 1.5G or 8GiB" };
const anAmount = { read: amount, expected: "a size such as 4G, or a share of the box such as 80%" };
const aDuration = { read: duration, expected: "a duration such as 90s, 10m or 1h30m" };
const aPath = { read: path, expected: "an absolute path" };
const aSwitch = { read: yesOrNo, expected: "true or false" };
const tries = { read: whole(0, 100), expected: "a whole number from 0 to 100" };

/**
 * Every setting by its key in blut.toml; `memory.budget` is `budget` in `[memory]`. The variable is
 * the key in capitals behind BLUT_. The man page of blut.toml is made from this table.
 */
export const settings = {
  containment: {
    read: z.enum(containments),
    expected: containments.join(" or "),
    summary: "how work is held to its limit",
    default: "systemd",
    flag: "containment",
  },
  "state-dir": {
    ...aPath,
    summary: "directory of the database and of what runs leave",
    otherwise: "$XDG_STATE_HOME/blut, which is ~/.local/state/blut; of root /var/lib/blut",
    flag: "state-dir",
  },
  "runtime-dir": {
    ...aPath,
    summary: "directory of the socket",
    otherwise: "$XDG_RUNTIME_DIR/blut; of root /run/blut",
    flag: "runtime-dir",
  },
  socket: {
    ...aPath,
    summary: "path of the socket",
    otherwise: "blutd.sock in runtime-dir",
    flag: "socket",
  },
  grace: {
    ...aDuration,
    summary: "from SIGTERM to SIGKILL",
    default: "10s",
    flag: "grace",
  },
  "recipes.path": {
    ...aPath,
    summary: "directory that recipes are looked up in by name",
    otherwise: "recipes beside where blut.toml is by default",
  },
  "schedules.path": {
    ...aPath,
    summary: "directory of the schedules that are kept",
    otherwise: "schedules beside where blut.toml is by default",
  },
  "memory.budget": {
    ...anAmount,
    summary: "memory the box gives to blut",
    otherwise: "the memory of the box less the reserve",
    flag: "budget",
  },
  "memory.reserve": {
    ...anAmount,
    summary: "memory kept free for everything else",
    otherwise: "a sixteenth of the box, at least 2G, but never more than a quarter",
    flag: "reserve",
  },
  "memory.default": {
    ...aSize,
    summary: "first limit of a command nothing is known of",
    otherwise: "512M, or the whole budget where that is less",
    flag: "default-memory",
  },
  "memory.escalation-factor": {
    read: decimal(1.1, 10),
    expected: "a number from 1.1 to 10",
    summary: "how much more after an out-of-memory kill",
    default: 2,
  },
  "memory.margin-ratio": {
    read: decimal(0, 1),
    expected: "a number from 0 to 1",
    summary: "share added to a measured need",
    default: 0.1,
  },
  "memory.margin": { ...aSize, summary: "least added to a measured need", default: "16M" },
  "cpus.total": {
    read: decimal(0.1, 4096),
    expected: "a number from 0.1 to 4096",
    summary: "CPUs that may be claimed",
    otherwise: "the cores of the box",
    flag: "cpus",
  },
  "gpus.devices": {
    read: devices,
    expected: "sizes such as 24G,24G, with names as in a=24G, unified, or none",
    summary: "GPUs in the order of their indices, instead of what nvidia-smi finds",
    otherwise: "what nvidia-smi finds",
    flag: "gpus",
  },
  "gpus.share": {
    read: decimal(0.1, 1),
    expected: "a number from 0.1 to 1",
    summary: "share of a card's memory that may be claimed",
    default: 0.85,
  },
  "gpus.unified-share": {
    read: decimal(0.1, 1),
    expected: "a number from 0.1 to 1",
    summary: "share of memory that a GPU has in common with the box",
    default: 0.6,
  },
  pools: {
    read: pools,
    expected: "names with whole numbers from 1 to 1000000, such as db = 2, or db=2,licence=1",
    summary: "named pools and their sizes",
    otherwise: "none",
    flag: "pools",
  },
  "retry.out-of-memory": {
    ...tries,
    summary: "tries with more memory after own-limit kills",
    default: 6,
  },
  "retry.failure": { ...tries, summary: "tries after ordinary failures", default: 0 },
  "retry.lost": {
    ...tries,
    summary: "tries after an attempt was lost or killed from outside, since its last checkpoint",
    default: 3,
  },
  "retry.timeout": { ...tries, summary: "tries after a hard timeout or a stall", default: 0 },
  "retry.diverged": {
    ...tries,
    summary: "tries after a metric that was not finite, where a step asks for them",
    default: 0,
  },
  "backoff.first": { ...aDuration, summary: "wait before the first try", default: "1s" },
  "backoff.factor": {
    read: decimal(1, 10),
    expected: "a number from 1 to 10",
    summary: "how much longer each wait is",
    default: 2,
  },
  "backoff.longest": { ...aDuration, summary: "longest wait", default: "10m" },
  "log.level": {
    read: z.enum(logLevels),
    expected: logLevels.join(", "),
    summary: "what the daemon's log shows",
    default: "info",
    flag: "log-level",
  },
  "output.cap": { ...aSize, summary: "output kept per stream of an attempt", default: "100M" },
  "output.head": { ...aSize, summary: "of which this much from the start", default: "1M" },
  "events.keep": {
    read: whole(100, 10_000_000),
    expected: "a whole number from 100 to 10000000",
    summary: "newest events kept",
    default: 200_000,
  },
  ...retentionSettings,
  "admission.max-passes": {
    read: whole(0, 10_000),
    expected: "a whole number from 0 to 10000",
    summary: "how often small work may pass a blocked head",
    default: 16,
  },
  "admission.pressure-stop": {
    read: decimal(0.1, 100),
    expected: "a percentage from 0.1 to 100, without the sign",
    summary: "memory pressure at which nothing more starts",
    default: 5,
  },
  "admission.pressure-resume": {
    read: decimal(0, 100),
    expected: "a percentage from 0 to 100, without the sign",
    summary: "memory pressure below which starting goes on",
    default: 1,
  },
  "admission.sample-max-age": {
    ...aDuration,
    summary: "age above which a sample of the box admits nothing",
    default: "3s",
  },
  "notify.on": {
    read: kindsOfNotice,
    expected: `some of ${noticeKinds.join(", ")}, or none`,
    summary: "what people are told of; a run or a schedule may say otherwise",
    default: noticeKinds.join(","),
  },
  "notify.command": {
    read: argv,
    expected: 'a program with its arguments, such as ["/usr/local/bin/tell", "me"]',
    summary: "program that is given each notice as JSON on its standard input",
    otherwise: "none",
  },
  "notify.webhook": {
    read: webAddress,
    expected: "an address that begins with https:// (or http:// on this box)",
    summary: "address that each notice is posted to as JSON",
    otherwise: "none",
    isPrivate: true,
  },
  "notify.secret-file": {
    ...aPath,
    summary: "file that only you can read, with the secret that signs what is posted",
    otherwise: "nothing is signed",
  },
  "notify.allow-http": {
    ...aSwitch,
    summary: "post without encryption to another box, too",
    default: false,
  },
  "notify.desktop": { ...aSwitch, summary: "show notices on your desktop", default: false },
  "notify.timeout": { ...aDuration, summary: "one try at delivering a notice", default: "10s" },
  "notify.retries": {
    read: whole(0, 10),
    expected: "a whole number from 0 to 10",
    summary: "tries after one at delivering a notice that may go well later",
    default: 4,
  },
  "notify.interval": {
    ...aDuration,
    summary: "least time between two notices; what happens meanwhile is one",
    default: "1m",
  },
  "metrics.textfile": {
    ...aPath,
    summary: "file that the daemon's metrics are written to, for node_exporter",
    otherwise: "none",
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof settings;

type Read<K extends SettingKey> = z.output<(typeof settings)[K]["read"]>;

/** What was set, read and checked one by one; what nobody set is its default, or absent where it has none. */
export type Values = {
  readonly [K in SettingKey]: (typeof settings)[K] extends { readonly default: unknown }
    ? Read<K>
    : Read<K> | undefined;
};

/** What a setting is when nobody sets it, as the file would have it; `undefined` where that hangs on the box. */
export function defaultOf(key: SettingKey): string | number | boolean | undefined {
  const setting: Setting = settings[key];
  return "default" in setting ? setting.default : undefined;
}

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
