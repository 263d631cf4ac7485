import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScriptedDaemon, type Script } from "./scripted-daemon.ts";

const program = new URL("../../client/blutctl.ts", import.meta.url).pathname;

/** What a run of `blutctl` left. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `blutctl` that is running. */
export interface Running {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ran>;
  /** Resolves when stderr has held this text. */
  saying(text: string): Promise<void>;
}

/** Runs the real program against a scripted daemon, in a home of its own. */
export class ClientRig {
  readonly directory = mkdtempSync(join(tmpdir(), "blut-client-"));
  readonly socket = join(this.directory, "blutd.sock");
  readonly #daemons: ScriptedDaemon[] = [];

  /** Starts a daemon that answers by script. */
  async daemon(script: Script): Promise<ScriptedDaemon> {
    const daemon = new ScriptedDaemon(this.socket, script);
    this.#daemons.push(daemon);
    return daemon.start();
  }

  /** Starts `blutctl`. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: this.directory,
      env: { HOME: this.directory, LANG: "C.UTF-8", TZ: "UTC", BLUT_SOCKET: this.socket, ...env },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const ended = new Promise<Ran>((resolve) => {
      child.once("close", (code) => {
        resolve({ code, stdout, stderr });
      });
    });
    const saying = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!stderr.includes(text)) return;
          child.stderr.off("data", look);
          resolve();
        };
        child.stderr.on("data", look);
        look();
      });
    return { process: child, ended, saying };
  }

  /** Runs `blutctl` to its end, with nothing on standard input. */
  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const running = this.start(args, env);
    running.process.stdin.end();
    return running.ended;
  }

  /** Stops what was started and removes the directory. */
  async close(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.stop()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}
