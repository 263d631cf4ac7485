import type { BackoffPolicy } from "../base/backoff.ts";
import type { Containment } from "../domain/host.ts";
import type { NoticeKind } from "../domain/notice.ts";
import type { RetryBudget } from "../domain/plan.ts";
import type { Allowance, RetentionRule } from "../domain/retention.ts";
import type { Amount } from "./values.ts";

/** From the most that is logged to the least. */
export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Everything the daemon was told, validated and complete. Paths are absolute, sizes in bytes, lengths in ms. */
export interface DaemonConfig {
  /** The same once more, by the keys of blut.toml: for who compares two of them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly containment: Containment;
  readonly paths: Paths;
  readonly memory: MemoryPolicy;
  /** `total` absent: the cores of the box. */
  readonly cpus: { readonly total?: number };
  readonly gpus: GpuPolicy;
  /** Named pools and how many may be claimed of each at once. */
  readonly pools: Readonly<Record<string, number>>;
  readonly retry: RetryBudget;
  readonly backoff: BackoffPolicy;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  readonly log: { readonly level: LogLevel };
  /** Per stream of an attempt; `headBytes` of it are never rotated away. */
  readonly output: { readonly capBytes: number; readonly headBytes: number };
  /** Newest events kept. */
  readonly events: { readonly keep: number };
  readonly retention: RetentionPolicy;
  readonly admission: AdmissionPolicy;
  readonly notify: NotifyPolicy;
  /** `textFile` absent: none is written. */
  readonly metrics: { readonly textFile?: string };
}

/** What is kept, and for how long. `Infinity` where there is no limit. */
export interface RetentionPolicy extends RetentionRule {
  /** Besides the newest that are kept by `events.keep`. */
  readonly events: Pick<Allowance, "ageMs" | "bytes">;
  readonly cache: Pick<Allowance, "ageMs" | "bytes">;
  /** Free space below which nothing new starts; absent: by the size of the disk. */
  readonly diskLow?: Amount;
}

/** Where everything of one daemon lies. */
export interface Paths {
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly configFile: string;
  readonly socket: string;
  readonly database: string;
  readonly runsDir: string;
  readonly artifactsDir: string;
  readonly lockFile: string;
  /** Where recipes are looked up by name; undefined where there is no home to look in. */
  readonly recipesDir: string | undefined;
  /** Where the files of schedules are; undefined as above. */
  readonly schedulesDir: string | undefined;
}

/** How the box's memory is divided, and how limits are made of what is known. */
export interface MemoryPolicy {
  /** What the box gives to blut. */
  readonly budgetBytes: number;
  /** Kept free for everything that is not blut's. */
  readonly reserveBytes: number;
  /** First limit of a command nothing is known of. */
  readonly defaultBytes: number;
  /** After an own-limit kill the next limit is the last one times this. */
  readonly escalationFactor: number;
  /** A learnt limit is the known need, plus the larger of this share of it and `marginBytes`. */
  readonly marginRatio: number;
  readonly marginBytes: number;
}

/** The GPUs that may be claimed, and how much of each. */
export interface GpuPolicy {
  /** In the order of their indices; absent: what the driver finds. Without `vramBytes` one uses the box's memory. */
  readonly devices?: readonly { readonly name: string; readonly vramBytes?: number }[];
  /** Share of a card's memory that may be promised, and of memory that a GPU has in common with the box. */
  readonly share: number;
  readonly unifiedShare: number;
}

/** When starting stops, and how the queue is kept fair. */
export interface AdmissionPolicy {
  /** How often smaller steps may pass a blocked head before capacity is held for it. */
  readonly maxPasses: number;
  /** PSI `full avg10` at which nothing more is started, and below which starting goes on. */
  readonly pressureStopPercent: number;
  readonly pressureResumePercent: number;
  /** A sample of the box older than this admits nothing. */
  readonly sampleMaxAgeMs: number;
}

/** Whom to tell of what, and how. */
export interface NotifyPolicy {
  readonly on: readonly NoticeKind[];
  readonly command?: readonly [string, ...string[]];
  readonly webhook?: { readonly url: string; readonly secretFile?: string };
  readonly desktop: boolean;
  /** Of one try. */
  readonly timeoutMs: number;
  readonly retries: number;
  /** Between two notices. */
  readonly intervalMs: number;
}
