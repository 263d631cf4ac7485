import { spawn, type ChildProcessByStdio } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import type { Rig } from "../../support/rig.ts";

const program = path.resolve(import.meta.dirname, "../../../client/blutctl.ts");

/** What a `blutctl` left. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `blutctl` that is running. */
export interface Running {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ran>;
  /** Resolves when one of its two outputs has held this text. */
  saying(text: string): Promise<void>;
}

/** How many sockets a process holds. */
export function socketsOf(pid: number): number {
  const directory = `/proc/${pid}/fd`;
  const isSocket = (fd: string): boolean => {
    try {
      return readlinkSync(path.join(directory, fd)).startsWith("socket:");
    } catch {
      return false;
    }
  };
  return readdirSync(directory).filter(isSocket).length;
}

/** Starts the real client on a rig's daemon, as a person would: from the rig's directory. */
export function blutctl(rig: Rig, ...args: string[]): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: rig.directory,
    env: { ...process.env, BLUT_SOCKET: rig.socket },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  const ended = new Promise<Ran>((resolve) => {
    child.once("close", (code) => {
      resolve({ code, ...said });
    });
  });
  const saying = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (said.stdout.includes(text) || said.stderr.includes(text)) resolve();
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      child.once("close", () => {
        reject(new Error(`it ended without ${text}: ${JSON.stringify(said)}`));
      });
      look();
    });
  return { process: child, ended, saying };
}
