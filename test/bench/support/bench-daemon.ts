import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { removeTree } from "../../../daemon/artifacts/work/remove-tree.ts";
import { Connection } from "../../../client/connection.ts";
import { systemClock } from "../../../daemon/base/clock.ts";
import type { MethodName, MethodResult, Params } from "../../../daemon/protocol/methods.ts";
import type { CommandAsk } from "../../../daemon/protocol/schemas/submit.ts";
import { Store } from "../../../daemon/store/store.ts";

/** As it is installed: the runner has bundled it. */
const blutd = join(import.meta.dirname, "../../../dist/blut/daemon/blutd.js");

/** Where systemd is, it contains; elsewhere the fallback does, and a figure then says nothing of scopes. */
export const containment = process.env["BLUT_IN_GUEST"] === undefined ? "polling" : "systemd";

/** Where a daemon keeps its files, and what its blut.toml says. */
export interface BenchPlace {
  readonly directory?: string;
  readonly settings?: string;
}

/**
 * A blutd of a figure's own, in a directory that goes with it. Unlike the rig of the tests it follows no
 * events: nothing talks to the daemon but what is measured. With BLUT_BENCH_PROFILE=DIRECTORY every
 * daemon leaves a CPU profile there.
 */
export class BenchDaemon implements AsyncDisposable {
  readonly directory: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;
  readonly #connections: Connection[] = [];
  readonly #said: string[] = [];

  /** Makes the directory, unless one is given that an earlier daemon has left; nothing runs yet. */
  constructor(flags: readonly string[] = [], { directory, settings = "" }: BenchPlace = {}) {
    this.directory = directory ?? mkdtempSync(join(tmpdir(), "blut-bench-"));
    mkdirSync(join(this.directory, "state"), { mode: 0o700, recursive: true });
    // A file of its own: what the box has configured must not change a figure.
    writeFileSync(join(this.directory, "blut.toml"), settings);
    this.#flags = flags;
    // Ctrl-C reaches the daemon as well; its files may go only once it has.
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        void this.end("SIGTERM").then(() => {
          removeTree(this.directory);
          process.exit(130);
        });
      });
    }
  }

  get database(): string {
    return join(this.directory, "state/blut.db");
  }

  get socket(): string {
    return join(this.directory, "run/blutd.sock");
  }

  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error("no daemon runs");
    return this.#process.pid;
  }

  /** Changes the database while no daemon runs on it. */
  async prepare(fill: (store: Store) => Promise<void>): Promise<this> {
    const opened = Store.open(this.database, systemClock);
    if (!opened.ok) throw new Error(opened.error.message);
    await fill(opened.value);
    opened.value.close();
    return this;
  }

  /** Starts it, and resolves once it serves. */
  async start(): Promise<this> {
    const profile = process.env["BLUT_BENCH_PROFILE"];
    const child = spawn(
      process.execPath,
      [
        ...(profile === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", profile]),
        blutd,
        ...["--containment", containment, "--config", join(this.directory, "blut.toml")],
        ...["--state-dir", join(this.directory, "state")],
        ...["--runtime-dir", join(this.directory, "run")],
        ...this.#flags,
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stderr }).on("line", (line) => {
        if (line.includes('"msg":"ready"')) resolve();
        if (this.#said.push(line) > 20) this.#said.shift();
      });
      child.once("exit", (code) => {
        reject(new Error(`blutd ended with ${String(code)}\n${this.#said.join("\n")}`));
      });
    });
    return this;
  }

  /** The same on a machine that never ran one: the second start finds what Node kept of the first. */
  async startWarm(): Promise<this> {
    await this.start();
    await this.end("SIGTERM");
    return this.start();
  }

  /** A connection of its own, closed with the daemon. */
  async connect(): Promise<Connection> {
    const opened = await Connection.open(this.socket);
    if (!opened.ok) throw new Error(opened.error.message);
    this.#connections.push(opened.value);
    return opened.value;
  }

  /** Ends the daemon and waits for that; its work goes on. */
  async end(signal: NodeJS.Signals): Promise<void> {
    for (const connection of this.#connections.splice(0)) connection.close();
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** Ends what still runs, then the daemon, and removes the directory. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const connection = await this.connect();
      const { stopping } = await call(connection, "run.cancel", { runs: ["all"], now: true });
      if (stopping.length > 0) await untilEnded(connection, stopping);
    } catch (error) {
      process.stderr.write(`  ${String(error)}\n`);
    }
    await this.end("SIGTERM");
    removeTree(this.directory);
  }
}

/** Calls a method; a refusal ends the figure. */
export async function call<M extends MethodName>(
  connection: Connection,
  method: M,
  params: Params<M>,
): Promise<MethodResult<M>> {
  const answer = await connection.call(method, params);
  if (!answer.ok) throw new Error(`${method}: ${answer.error.message}`);
  return answer.value;
}

/** Queues a command with a small environment; answers its id. */
export async function submit(
  connection: Connection,
  argv: readonly [string, ...string[]],
  more: Partial<CommandAsk> = {},
): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LANG: "C.UTF-8" };
  const params = { argv: [...argv] as [string, ...string[]], cwd: "/", env, ...more };
  return (await call(connection, "run.submit", params)).id;
}

/** Waits until runs have ended, however they did. */
export async function untilEnded(connection: Connection, runs: readonly string[]): Promise<void> {
  const perCall = 1000;
  for (let from = 0; from < runs.length; from += perCall) {
    const some = runs.slice(from, from + perCall);
    while (!(await call(connection, "run.wait", { runs: some, waitMs: 60_000 })).done);
  }
}
