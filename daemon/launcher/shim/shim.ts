import { spawn, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { failure, type Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";

const shimFile = fileURLToPath(new URL("shim.sh", import.meta.url));

/** The first process of an attempt, maybe of one that nobody has asked for yet, waiting at its gate. */
export interface Shim {
  readonly pid: number;
  /** Settles with its exit status when our child is gone; undefined when a signal ended it. */
  readonly exited: Promise<number | undefined>;
  /** Whether it is gone already. */
  isGone(): boolean;
  /** Lets it run what this file tells. Settles once the file has been read, or the shim is gone. */
  open(file: string): Promise<void>;
  /** Closes the gate unopened: no command ever runs. */
  abandon(): void;
}

/** Spawns a shim in a session of its own. The failure is that of the spawn itself: too many processes or files. */
export async function spawnShim(): Promise<Result<Shim, Failure>> {
  let child: ChildProcess;
  try {
    child = spawn("/bin/sh", [shimFile], {
      cwd: "/",
      // Nothing of the daemon's, and nothing of the submitter's in the shim either.
      env: {},
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "pipe"],
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
  return ok(shimOf(child, pid));
}

function shimOf(child: ChildProcess, pid: number): Shim {
  const gate = child.stdio[3] as Socket;
  // Work outlives the daemon: a child must not keep a stopping one alive.
  child.unref();
  gate.unref();
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
    isGone: () => child.exitCode !== null || child.signalCode !== null,
    open(file) {
      if (gate.destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        gate.once("close", () => {
          resolve();
        });
        // Its end of the gate is closed once it has read the file; nothing else ever comes from there.
        gate.resume();
        gate.write(`${file}\n`);
      });
    },
    abandon() {
      gate.destroy();
    },
  };
}

function couldNotSpawn(cause: unknown): Failure {
  return failure(
    "could-not-start",
    `the attempt's first process could not be spawned: ${cause instanceof Error ? cause.message : "no pid"}`,
    "EAGAIN or EMFILE: raise the process or file limit of blutd",
    { retryable: true },
  );
}
