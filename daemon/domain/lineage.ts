import type { Outcome, Peaks } from "./attempt.ts";
import type { JsonValue } from "./event.ts";
import type { LimitOrigin } from "./footprint.ts";
import type { AttemptId } from "./ids.ts";

/** An artifact that a step was given, and where it came from: a step of the same run, or a path. */
export interface LineageRead {
  /** Name of the input; `data/train` for each part of one that is put together of several. */
  readonly input: string;
  readonly artifact: string;
  readonly kind: string;
  readonly fromStep?: string;
  readonly fromPath?: string;
}

/** An artifact that a step left, by its own work or by a result that was there already. */
export interface LineageWrite {
  readonly artifact: string;
  readonly kind: string;
  /** The cache key; empty for a step that has none. */
  readonly key: string;
  /** Absent when an earlier result stood in for the work. */
  readonly attemptId?: AttemptId;
  /** The run whose result that was. */
  readonly cachedFrom?: string;
  readonly at: number;
  readonly facts: StepFacts;
}

/** What a working directory was in git when the step started. */
export interface GitFacts {
  readonly commit: string;
  /** Absent on a detached head. */
  readonly branch?: string;
  /** Tracked files differed from the commit. */
  readonly isDirty: boolean;
}

/** The machine that did the work, and what it ran. A figure nobody could read is absent. */
export interface HostRecord {
  readonly name: string;
  readonly cpu?: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly gpus: readonly { readonly name: string; readonly vramBytes: number }[];
  readonly os?: string;
  readonly kernel: string;
  readonly systemd?: string;
  /** Versions of drivers by name. */
  readonly drivers: Readonly<Record<string, string>>;
  readonly node: string;
  readonly blut: string;
}

/** What was found out when an attempt started. */
export interface Origin {
  readonly git?: GitFacts;
  readonly host: HostRecord;
  /** The safe part of the environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One try of a step that ended with a result. */
export interface TryFacts {
  readonly attemptId: string;
  readonly outcome?: Outcome;
  readonly limitBytes: number;
  readonly limitOrigin: LimitOrigin;
  readonly peaks?: Peaks;
  /** From its start to its end. */
  readonly tookMs?: number;
}

/** Everything worth knowing of how a result came about. */
export interface StepFacts extends Partial<Origin> {
  readonly stage: { readonly name: string; readonly version: string };
  readonly command: string;
  readonly cwd: string;
  readonly args: Readonly<Record<string, JsonValue>>;
  /** Digest of the content of the step's code; absent where nothing was digested. */
  readonly code?: string;
  /** Variables that the step itself sets, without those that look like secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** In order; none for a result that was reused. */
  readonly attempts: readonly TryFacts[];
  /** Last value of each metric. */
  readonly metrics: Readonly<Record<string, number | string>>;
}

/** What a step is compared by, in the order it is shown in. */
export const facets = [
  "args",
  "code",
  "env",
  "inputs",
  "output",
  "metrics",
  "memory",
  "time",
  "host",
] as const;
export type Facet = (typeof facets)[number];
