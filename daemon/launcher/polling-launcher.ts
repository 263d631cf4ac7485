import { closeSync } from "node:fs";
import type { Clock } from "../base/clock.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { AttemptId } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { createLogs, startedAt, type LogFds } from "./attempt-files.ts";
import { AttemptOutput } from "./attempt-output.ts";
import { reportOf, unmeasured } from "./harvest.ts";
import type { Adoption, AdoptSpec, Launcher, LaunchSpec, LiveAttempt } from "./launcher.ts";
import type { OutputPolicy } from "./output-cap.ts";
import { PollingAttempt } from "./polling-attempt.ts";
import { recallShim, rememberShim } from "./process-record.ts";
import { readProcess, readProcessTable, type ProcessIdentity } from "./process-table.ts";
import { ProcessTree } from "./process-tree.ts";
import { ProcessWatch } from "./process-watch.ts";
import { readResult } from "./result-file.ts";
import { spawnShim, type Shim } from "./shim.ts";

/** What a launcher is made with, wherever it starts its attempts. */
export interface LauncherOptions {
  readonly clock: Clock;
  readonly output: OutputPolicy;
  /** What outlives the command gets so long to end by itself before it is killed. */
  readonly leftoverGraceMs?: number;
}

const defaultLeftoverGraceMs = 500;

/**
 * Attempts where there is no systemd (a container, a laptop without a user manager). The limit is kept
 * by looking ten times a second and killing what is over: a fast enough spike gets past it, and so does
 * a process that flees (see {@link ProcessTree}). `blutctl doctor` says so; promise 1 needs systemd.
 */
export class PollingLauncher implements Launcher {
  readonly containment = "polling";
  readonly #options: LauncherOptions;
  readonly #watch: ProcessWatch;
  readonly #live = new Set<AttemptId>();

  constructor(options: LauncherOptions) {
    this.#options = options;
    this.#watch = new ProcessWatch(options.clock);
  }

  async start(spec: LaunchSpec): Promise<Result<LiveAttempt, Failure>> {
    const logs = openLogs(spec.directory);
    if (!logs.ok) return logs;
    const spawned = await spawnShim(spec, logs.value);
    const identity = spawned.ok ? readProcess(spawned.value.pid) : undefined;
    if (!spawned.ok || identity === undefined) {
      closeLogs(logs.value);
      return spawned.ok ? err(goneAtOnce(spec)) : spawned;
    }
    const remembered = remember(spec.directory, identity);
    if (!remembered.ok) {
      spawned.value.abandon();
      closeLogs(logs.value);
      return remembered;
    }
    const { clock, output } = this.#options;
    const held = AttemptOutput.of(clock, output, spec.directory, logs.value);
    const attempt = this.#attend(spec, identity, held, spawned.value);
    await spawned.value.open();
    return ok(attempt);
  }

  adopt(spec: AdoptSpec): Promise<Adoption> {
    return Promise.resolve(this.#find(spec));
  }

  release(attemptId: AttemptId): Promise<void> {
    this.#live.delete(attemptId);
    return Promise.resolve();
  }

  holdings(): Promise<readonly AttemptId[]> {
    return Promise.resolve([...this.#live]);
  }

  #find(spec: AdoptSpec): Adoption {
    const { directory, attemptId } = spec;
    const shim = spec.sameBoot ? recallShim(directory) : undefined;
    if (shim !== undefined && new ProcessTree(shim).look(readProcessTable()).length > 0) {
      const { clock, output } = this.#options;
      const held = AttemptOutput.reopen(clock, output, directory);
      return { kind: "live", attempt: this.#attend(spec, shim, held) };
    }
    if (readResult(directory, attemptId) !== undefined) {
      const facts = { directory, attemptId, shimStatus: undefined, killer: undefined };
      return { kind: "ended", report: reportOf({ ...facts, peaks: unmeasured }) };
    }
    return { kind: startedAt(directory) === undefined ? "never-started" : "vanished" };
  }

  #attend(
    spec: AdoptSpec | LaunchSpec,
    shimIdentity: ProcessIdentity,
    output: AttemptOutput,
    shim?: Shim,
  ): PollingAttempt {
    const { attemptId, directory, limitBytes } = spec;
    this.#live.add(attemptId);
    const { clock, leftoverGraceMs = defaultLeftoverGraceMs } = this.#options;
    return new PollingAttempt({
      ...{ clock, watch: this.#watch, attemptId, directory, limitBytes, leftoverGraceMs },
      ...{ shimIdentity, output, ...(shim !== undefined && { shim }) },
    });
  }
}

/** Makes the logs; the failure is a directory that is not there or a disk that is full. */
export function openLogs(directory: string): Result<LogFds, Failure> {
  try {
    return ok(createLogs(directory));
  } catch (error) {
    return err(unwritable(directory, error));
  }
}

/** Closes the logs of an attempt that did not come to life. */
export function closeLogs(logs: LogFds): void {
  closeSync(logs.stdout);
  closeSync(logs.stderr);
}

/** Remembers the shim in the directory; the failure is that of the write. */
export function remember(directory: string, shim: ProcessIdentity): Result<void, Failure> {
  try {
    rememberShim(directory, shim);
    return ok(undefined);
  } catch (error) {
    return err(unwritable(directory, error));
  }
}

/** The shim was killed before it was even looked at. */
export function goneAtOnce({ attemptId }: LaunchSpec): Failure {
  return failure(
    "could-not-start",
    `the first process of ${attemptId} was gone at once`,
    "somebody or something kills processes on this box: look into the kernel's log",
    { retryable: true },
  );
}

function unwritable(directory: string, cause: unknown): Failure {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return failure(
    code === "ENOSPC" || code === "EDQUOT" ? "storage-full" : "could-not-start",
    `the attempt's files cannot be made in ${directory}: ${cause instanceof Error ? cause.message : code}`,
    "make room, or give the state directory back to the user that blutd runs as",
    { retryable: true },
  );
}
