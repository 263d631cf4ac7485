import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { removeTree } from "../../daemon/artifacts/work/remove-tree.ts";

const blutd = join(import.meta.dirname, "../../daemon/main/blutd.js");
const readyWithinMs = 30_000;
const stopWithinMs = 10_000;

/** Why a daemon is not there: it refused the box or its settings (exit 78), or something is broken. */
export class DaemonFailed extends Error {
  readonly exitCode: number | null;

  constructor(exitCode: number | null, said: readonly string[]) {
    super(said.join("\n"));
    this.exitCode = exitCode;
  }
}

/** A blutd of our own, in a temporary directory that goes with it. */
export class PrivateDaemon {
  readonly folder: string;
  readonly args: readonly string[];
  readonly socket: string;
  readonly #process: ChildProcess;
  readonly #said: string[] = [];

  private constructor(containment: string) {
    this.folder = mkdtempSync(join(tmpdir(), "blut-demo-"));
    this.socket = join(this.folder, "run/blutd.sock");
    // An empty file of its own: what the box has configured must not change the demo.
    writeFileSync(join(this.folder, "blut.toml"), "");
    this.args = [
      ...["--containment", containment],
      ...["--state-dir", join(this.folder, "state")],
      ...["--runtime-dir", join(this.folder, "run")],
      ...["--config", join(this.folder, "blut.toml")],
    ];
    // In a session of its own: Ctrl-C is for the demo, which then stops the daemon in good order.
    this.#process = spawn(process.execPath, [blutd, ...this.args], {
      detached: true,
      env: withoutSettings(process.env),
      stdio: ["ignore", "ignore", "pipe"],
    });
  }

  /** Starts one and waits until its socket answers. Throws {@link DaemonFailed}. */
  static async start(containment: "systemd" | "polling"): Promise<PrivateDaemon> {
    const daemon = new PrivateDaemon(containment);
    try {
      await daemon.#untilReady();
    } catch (error) {
      await daemon.stop();
      throw error;
    }
    return daemon;
  }

  /** The last lines of its log. */
  get said(): readonly string[] {
    return this.#said;
  }

  /** Ends it by its own pid and removes its directory; fine when it is gone already. */
  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) {
      const gone = once(this.#process, "exit");
      this.#process.kill("SIGTERM");
      const harder = setTimeout(() => this.#process.kill("SIGKILL"), stopWithinMs);
      await gone;
      clearTimeout(harder);
    }
    removeTree(this.folder);
  }

  async #untilReady(): Promise<void> {
    const { stderr } = this.#process;
    if (stderr === null) throw new Error("the daemon's log is not a pipe");
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new DaemonFailed(null, ["blutd was not ready in time", ...this.#said]));
      }, readyWithinMs);
      createInterface({ input: stderr }).on("line", (line) => {
        this.#said.push(line);
        if (this.#said.length > 20) this.#said.shift();
        if (messageOf(line) === "ready") {
          clearTimeout(late);
          resolve();
        }
      });
      this.#process.on("close", (code) => {
        clearTimeout(late);
        reject(new DaemonFailed(code, this.#said));
      });
    });
  }
}

/** The environment without anybody's blut settings: the demo shows what comes out of the box. */
export function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("BLUT_")));
}

function messageOf(line: string): unknown {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" && entry !== null && "msg" in entry ? entry.msg : undefined;
  } catch {
    return undefined;
  }
}
