import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import type { Readable } from "node:stream";
import type { Clock } from "../../base/clock.ts";
import { isOutOfDescriptors } from "../../base/system-error.ts";
import { usualEnvironment } from "../../domain/usual-environment.ts";
import type { Message } from "../message.ts";
import { failed, type Sent, type Way } from "./way.ts";

/** A person's program, and how long it may take. */
export interface CommandParts {
  readonly argv: readonly [string, ...string[]];
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** From SIGTERM to SIGKILL. */
const graceMs = 2000;
/** Of what it says, the beginning; the rest is read and dropped. */
const keptBytes = 2000;
/** Of the text in the environment, in characters; all of it is in the JSON. */
const longestText = 8000;
/** sysexits.h: try again later. */
const tempFail = 75;

/**
 * Runs a program without a shell for each notice: JSON on its standard input, the rest in its environment. It
 * has a process group of its own that is killed with it, comes last for the CPU, and first when memory is out.
 */
export class CommandWay implements Way {
  readonly name = "command";
  readonly #parts: CommandParts;

  constructor(parts: CommandParts) {
    this.#parts = parts;
  }

  send(message: Message, signal: AbortSignal): Promise<Sent> {
    const { argv, timeoutMs, clock } = this.#parts;
    const [program, ...args] = argv;
    const child = spawn(program, args, {
      cwd: "/",
      env: this.#environment(message),
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    if (child.pid === undefined) return whyNot(child, program);
    humble(child);
    child.stdin.on("error", () => undefined).end(message.body);
    const said = [child.stderr, child.stdout].map(gather);
    return new Promise((resolve) => {
      let isLate = false;
      let disarm = clock.after(timeoutMs, () => {
        isLate = true;
        killGroup(child, "SIGTERM");
        disarm = clock.after(graceMs, () => {
          killGroup(child, "SIGKILL");
        });
      });
      const abort = (): void => {
        killGroup(child, "SIGKILL");
      };
      signal.addEventListener("abort", abort);
      const end = (sent: Sent): void => {
        disarm();
        signal.removeEventListener("abort", abort);
        // What it left behind goes with it, and holds no pipe of ours.
        killGroup(child, "SIGKILL");
        child.stdout.destroy();
        child.stderr.destroy();
        resolve(sent);
      };
      child.once("exit", (code, killedBy) => {
        const words = said.map((text) => text()).find((text) => text !== "") ?? "";
        if (isLate) end(failed(`it took longer than ${timeoutMs / 1000} s`, true));
        else if (code === 0) end({ result: "sent" });
        else
          end(
            failed(`${how(code, killedBy)}${words === "" ? "" : `: ${words}`}`, code === tempFail),
          );
      });
    });
  }

  #environment({ id, kind, title, text, only }: Message): Record<string, string> {
    const said = {
      ...{ BLUT_NOTICE_ID: id, BLUT_NOTICE_KIND: kind },
      ...{ BLUT_NOTICE_TITLE: title, BLUT_NOTICE_TEXT: text.slice(0, longestText) },
      ...(only?.runId !== undefined && { BLUT_NOTICE_RUN: only.runId }),
      ...(only !== undefined && { BLUT_NOTICE_NAME: only.name }),
    };
    const clean = Object.entries(said).map(
      ([key, value]) => [key, value.replaceAll("\0", "")] as const,
    );
    return { ...usualEnvironment(this.#parts.env), ...Object.fromEntries(clean) };
  }
}

/** What was not started says so a tick later; out of descriptors it has not even pipes, but that may pass. */
function whyNot(child: ChildProcess, program: string): Promise<Sent> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      const because = `${program} could not be started: ${error.message}`;
      resolve(failed(because, isOutOfDescriptors(error)));
    });
  });
}

/** It must not take from the work, nor from the daemon whose cgroup it is in. */
function humble({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "1000");
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already.
  }
}

function gather(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("error", () => undefined);
  stream.on("data", (chunk: Buffer) => {
    if (size < keptBytes) chunks.push(chunk.subarray(0, keptBytes - size));
    size += chunk.length;
  });
  // The first line that says anything: a notice of a notice should be short.
  return () => {
    const lines = Buffer.concat(chunks).toString("utf8").split("\n");
    return (
      lines
        .map((line) => line.trim())
        .find((line) => line !== "")
        ?.slice(0, 200) ?? ""
    );
  };
}

function how(code: number | null, killedBy: NodeJS.Signals | null): string {
  return killedBy === null ? `it exited with ${code ?? 0}` : `${killedBy} ended it`;
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it is gone.
  }
}
