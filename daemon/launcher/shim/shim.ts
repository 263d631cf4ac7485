import { spawn, type ChildProcess } from "node:child_process";
import { writeSync } from "node:fs";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { errorCode } from "../../base/system-error.ts";
import { failure, type Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { LogFds } from "../attempt-files.ts";
import { gateText } from "./gate.ts";
import type { LaunchSpec } from "../launcher.ts";

const shimFile = fileURLToPath(new URL("shim.sh", import.meta.url));

/** An attempt's first process, waiting at its gate. */
export interface Shim {
  readonly pid: number;
  /** Settles with its exit status when our child is gone; undefined when a signal ended it. */
  readonly exited: Promise<number | undefined>;
  /** Lets the command run. Settles when the text is out, or the shim is gone. */
  open(): Promise<void>;
  /** Closes the gate unopened: the command never runs. */
  abandon(): void;
}

/**
 * Spawns the shim in a session of its own, its output straight to the logs. The failure is that of the
 * spawn itself: too many processes, or arguments larger than the kernel takes.
 */
export async function spawnShim(spec: LaunchSpec, logs: LogFds): Promise<Result<Shim, Failure>> {
  const args = [shimFile, spec.attemptId, spec.directory, spec.cwd, ...spec.argv];
  let child: ChildProcess;
  try {
    child = spawn("/bin/sh", args, {
      cwd: "/",
      // Nothing of the daemon's, and nothing of the submitter's in the shim and its tools either.
      env: {},
      detached: true,
      stdio: ["ignore", logs.stdout, logs.stderr, "pipe"],
    });
  } catch (error) {
    return err(couldNotSpawn(error));
  }
  const failed = await new Promise<Error | undefined>((resolve) => {
    child.once("error", resolve);
    child.once("spawn", () => {
      resolve(undefined);
    });
  });
  const { pid } = child;
  if (failed !== undefined || pid === undefined) return err(couldNotSpawn(failed));
  // Work outlives the daemon: a child must not keep a stopping one alive.
  child.unref();
  return ok(shimOf(child, pid, spec, logs));
}

function shimOf(child: ChildProcess, pid: number, spec: LaunchSpec, logs: LogFds): Shim {
  const gate = child.stdio[3] as Writable;
  // A shim that was killed at its gate breaks the pipe; its exit tells the rest.
  gate.on("error", () => undefined);
  return {
    pid,
    // "exit", not "close": a stream held open by somebody else must not hold the end back.
    exited: new Promise((resolve) => {
      child.once("exit", (status) => {
        resolve(status ?? undefined);
      });
    }),
    open() {
      const { text, leftOut } = gateText(spec.environment);
      noteLeftOut(leftOut, logs.stderr);
      if (gate.destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        gate.once("close", resolve);
        gate.end(text, () => gate.destroy());
      });
    },
    abandon() {
      gate.destroy();
    },
  };
}

/** Functions that bash exported are no variables to any other program, so nobody misses them. */
function noteLeftOut(names: readonly string[], stderr: number): void {
  const missed = names.filter((name) => !/^BASH_FUNC_.*%%$/.test(name));
  if (missed.length === 0) return;
  const list = missed.map((name) => JSON.stringify(name)).join(", ");
  try {
    writeSync(stderr, `blut: not passed on, a shell cannot export such names: ${list}\n`);
  } catch {
    // A full disk is the command's to meet.
  }
}

function couldNotSpawn(cause: unknown): Failure {
  return failure(
    "could-not-start",
    `the attempt's first process could not be spawned: ${cause instanceof Error ? cause.message : "no pid"}`,
    "E2BIG: shorten the arguments; EAGAIN or EMFILE: raise the process or file limit of blutd",
    // Nothing makes room for arguments that are too long; all else passes.
    { retryable: errorCode(cause) !== "E2BIG" },
  );
}
