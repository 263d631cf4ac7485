import type { AttemptId } from "../domain/ids.ts";
import type { Containment } from "../domain/host.ts";
import type { Failure } from "../domain/failure.ts";
import type { Result } from "../domain/result.ts";
import type { ExitReport } from "./exit-report.ts";
import type { MemoryTrack } from "./memory-track.ts";

/** All a launcher needs to start one attempt. Paths are absolute, sizes bytes, lengths ms. */
export interface LaunchSpec {
  readonly attemptId: AttemptId;
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the command; nothing of the daemon's is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** The attempt's own directory; exists, 0700, empty. */
  readonly directory: string;
  readonly limitBytes: number;
  /** SIGTERM to SIGKILL, wherever the launcher itself does that. */
  readonly graceMs: number;
  /** A wall limit that holds even while the daemon is dead, where the launcher can give one. */
  readonly wallLimitMs?: number;
  /** A word about the attempt for `systemctl status`. */
  readonly description: string;
}

/** Memory of a live attempt now; bytes. */
export interface Usage {
  readonly needBytes: number;
  readonly totalBytes: number;
}

/** An attempt that was started or adopted and whose end will be told. */
export interface LiveAttempt {
  readonly attemptId: AttemptId;
  /** Settles once, when nothing of the attempt is left. Never rejects. */
  readonly ended: Promise<ExitReport>;
  /** What it needed so far, at every sample since this daemon has it. */
  readonly memory: MemoryTrack;
  /** SIGTERM to everything in it. Quiet when it is gone already. */
  terminate(): Promise<void>;
  /** SIGKILL to everything in it. Quiet when it is gone already. */
  kill(): Promise<void>;
  /** A fresh reading, or undefined when it is gone or cannot be read. */
  usage(): Usage | undefined;
}

/** What a launcher found of an attempt that an earlier daemon intended or started. */
export type Adoption =
  /** `ranMs` is the age of its first process, where that is known. */
  | { readonly kind: "live"; readonly attempt: LiveAttempt; readonly ranMs?: number }
  | { readonly kind: "ended"; readonly report: ExitReport }
  | { readonly kind: "never-started" }
  /** It was started once, and nothing is left to tell how it ended. */
  | { readonly kind: "vanished" };

/** An attempt of an earlier daemon, as its row tells of it. */
export interface AdoptSpec {
  readonly attemptId: AttemptId;
  readonly directory: string;
  readonly limitBytes: number;
  /** The attempt belongs to this boot of the machine; if not, no pid in its files means anything. */
  readonly sameBoot: boolean;
}

/** Where an attempt starts. One contract suite runs on every implementation. */
export interface Launcher {
  readonly containment: Containment;
  /** Starts it: when this answers ok the command's gate is open and its limit is in force. */
  start(spec: LaunchSpec): Promise<Result<LiveAttempt, Failure>>;
  /** Finds an attempt again after the daemon was away. */
  adopt(spec: AdoptSpec): Promise<Adoption>;
  /** Drops what the launcher kept of an ended attempt (its slice); called once its end is on disk. */
  release(attemptId: AttemptId): Promise<void>;
  /** Attempt ids that the launcher still holds something of: scopes, slices. */
  holdings(): Promise<readonly AttemptId[]>;
}
