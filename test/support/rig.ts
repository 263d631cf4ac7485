import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { removeTree } from "../../daemon/artifacts/work/remove-tree.ts";
import { Connection } from "../../client/connection.ts";
import type { Refusal } from "../../client/refusal.ts";
import type { BlutEvent } from "../../daemon/domain/event.ts";
import { recallShim } from "../../daemon/launcher/process-record.ts";
import { readProcessTable, signalProcess } from "../../daemon/launcher/process-table.ts";
import { ProcessTree } from "../../daemon/launcher/process-tree.ts";
import type { MethodName, MethodResult, Params } from "../../daemon/protocol/methods.ts";
import type { CommandAsk } from "../../daemon/protocol/schemas/submit.ts";

const blutd = path.resolve(import.meta.dirname, "../../daemon/main/blutd.js");
export const stages = path.resolve(import.meta.dirname, "../fixtures/stages");

/** One line of the daemon's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

export interface RigOptions {
  readonly containment: "systemd" | "polling";
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Put before the daemon's own command line; must become it by exec, so that it keeps the pid:
   * `prlimit --nofile=64`, `strace -D -e ...`, `unshare -m sh -c '...; exec "$@"' sh`.
   */
  readonly wrapper?: readonly string[];
  /** Another blutd than the one of this checkout. */
  readonly program?: string;
  /** A directory of the test's own instead of one in the system's temporary directory. */
  readonly directory?: string;
}

/** What a run of a test is submitted with; the rest has the wire's defaults. */
export type Ask = Partial<CommandAsk>;

/**
 * A real blutd in a directory of its own, that a test may kill and start again as often as it likes.
 * Everything goes through the real socket.
 */
export class Rig implements AsyncDisposable {
  /** A test that runs out of time disposes of nothing: what it started ends with its process at the latest. */
  static readonly #daemons = new Set<ChildProcess>();
  static {
    process.once("exit", () => {
      for (const daemon of Rig.#daemons) daemon.kill("SIGKILL");
    });
  }

  readonly directory: string;
  readonly log: LogLine[] = [];
  readonly events: BlutEvent[] = [];
  readonly #waiters = new Set<{
    isIt(event: BlutEvent): boolean;
    resolve(event: BlutEvent): void;
  }>();
  readonly #options: RigOptions;
  #process: ChildProcess | undefined;
  #closed: Promise<void> | undefined;
  #connection: Connection | undefined;

  private constructor(options: RigOptions) {
    this.#options = options;
    this.directory = options.directory ?? mkdtempSync(path.join(tmpdir(), "blut-rig-"));
  }

  /** A rig without a daemon yet. */
  static prepare(options: RigOptions): Rig {
    return new Rig(options);
  }

  /** A rig whose daemon answers. */
  static async start(options: RigOptions): Promise<Rig> {
    const rig = new Rig(options);
    await rig.boot();
    return rig;
  }

  get stateDir(): string {
    return path.join(this.directory, "state");
  }

  get database(): string {
    return path.join(this.stateDir, "blut.db");
  }

  get socket(): string {
    return path.join(this.directory, "run", "blutd.sock");
  }

  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error("no daemon runs");
    return this.#process.pid;
  }

  get connection(): Connection {
    if (this.#connection === undefined) throw new Error("not connected");
    return this.#connection;
  }

  /** Starts the daemon on the same state and waits until it is ready; `differently` holds this time only. */
  async boot(differently: Partial<RigOptions> = {}): Promise<void> {
    const code = await this.launch(differently);
    if (code !== "ready")
      throw new Error(`blutd ended with ${String(code)}: ${JSON.stringify(this.log.slice(-5))}`);
    await this.connect();
  }

  /** Connects to the daemon that `launch` started, and follows its events. */
  async connect(): Promise<void> {
    const opened = await Connection.open(this.socket);
    if (!opened.ok) throw new Error(opened.error.message);
    this.#connection = opened.value;
    await this.#follow();
  }

  /** Starts the daemon; answers `ready`, or the exit code of one that refused. */
  launch(differently: Partial<RigOptions> = {}): Promise<"ready" | number> {
    const {
      containment,
      flags = [],
      env = {},
      wrapper = [],
      program = blutd,
    } = { ...this.#options, ...differently };
    const command = [
      ...wrapper,
      process.execPath,
      program,
      "--containment",
      containment,
      "--state-dir",
      this.stateDir,
      "--runtime-dir",
      path.join(this.directory, "run"),
      ...flags,
    ];
    const child = spawn(command[0] ?? "", command.slice(1), {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        ...process.env,
        BLUT_SCHEDULES_PATH: path.join(this.directory, "schedules"),
        ...env,
      },
    });
    this.#process = child;
    Rig.#daemons.add(child);
    child.once("exit", () => Rig.#daemons.delete(child));
    return new Promise((resolve) => {
      createInterface({ input: child.stderr }).on("line", (text) => {
        const line = parseLine(text);
        this.log.push(line);
        if (line.msg === "ready") resolve("ready");
      });
      // Not at its exit: its last words may still be in the pipe.
      this.#closed = once(child, "close").then(() => {
        resolve(child.exitCode ?? -1);
      });
    });
  }

  /** Sends a signal to the daemon and waits for its end; answers its exit code, -1 for a signal. */
  async end(signal: NodeJS.Signals): Promise<number> {
    this.#process?.kill(signal);
    return this.ended();
  }

  /** Resolves with the daemon's exit code once it has ended by itself. */
  async ended(): Promise<number> {
    await this.#closed;
    return this.#process?.exitCode ?? -1;
  }

  /** kill -9, then a new daemon on the same state. */
  async crash(differently: Partial<RigOptions> = {}): Promise<void> {
    await this.end("SIGKILL");
    await this.boot(differently);
  }

  /** Calls a method; a refusal is an error of the test. */
  async call<M extends MethodName>(method: M, params: Params<M>): Promise<MethodResult<M>> {
    const answer = await this.connection.call(method, params);
    if (!answer.ok) throw new Error(`${method}: ${answer.error.message}`);
    return answer.value;
  }

  /** Submits a command and answers its id. */
  async submit(argv: readonly [string, ...string[]], ask: Ask = {}): Promise<string> {
    const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
    const { id } = await this.call("run.submit", {
      argv: [...argv],
      cwd: this.directory,
      env,
      ...ask,
    });
    return id;
  }

  /** Submits one of the fixture stages. */
  stage(name: string, args: readonly (string | number)[] = [], ask: Ask = {}): Promise<string> {
    return this.submit([path.join(stages, name), ...args.map(String)], ask);
  }

  /** Submits a stage that runs until `release` is told its name. */
  hold(name: string, ask: Ask = {}): Promise<string> {
    return this.stage("hold-until-told", [path.join(this.directory, `release-${name}`)], ask);
  }

  /** Lets go of what `hold` submitted under this name. */
  release(name: string): void {
    writeFileSync(path.join(this.directory, `release-${name}`), "");
  }

  /** Calls a method that must be refused; answers the refusal. */
  async refusal<M extends MethodName>(method: M, params: Params<M>): Promise<Refusal> {
    const answer = await this.connection.call(method, params);
    if (answer.ok) throw new Error(`${method} was not refused: ${JSON.stringify(answer.value)}`);
    return answer.error;
  }

  /** Waits for a run's end and answers all of it. */
  async finished(id: string): Promise<MethodResult<"run.get">> {
    for (;;) {
      const { done } = await this.call("run.wait", { runs: [id], waitMs: 60_000 });
      if (done) return this.call("run.get", { run: id });
    }
  }

  /** Waits until an event of this kind is there, for this run and step where named; earlier ones count. */
  event(kind: BlutEvent["kind"], runId?: string, step?: string): Promise<BlutEvent> {
    const isIt = (e: BlutEvent): boolean =>
      e.kind === kind &&
      (runId === undefined || e.runId === runId) &&
      (step === undefined || e.facts["step"] === step);
    const seen = this.events.find(isIt);
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((resolve) => {
      this.#waiters.add({ isIt, resolve });
    });
  }

  /** The text a run has written so far, or one step of it. */
  async output(id: string, stream: "stdout" | "stderr" = "stdout", step?: string): Promise<string> {
    const { base64 } = await this.call("run.log", { run: id, stream, step });
    return Buffer.from(base64, "base64").toString();
  }

  /** Waits until a run's output has this text, or that of one step of it. */
  async says(id: string, text: string, step?: string): Promise<void> {
    let offset = 0;
    for (let seen = ""; !seen.includes(text);) {
      const page = await this.call("run.log", {
        run: id,
        step,
        stream: "stdout",
        offset,
        waitMs: 30_000,
      });
      seen += Buffer.from(page.base64, "base64").toString();
      offset = page.next;
      if (page.ended && !seen.includes(text))
        throw new Error(`${id} ended without ${text}: ${seen}`);
    }
  }

  /** Cancels what is left, ends the daemon, removes the directory. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const isLive = this.#process?.exitCode === null && this.#process.signalCode === null;
      if (isLive && this.#connection !== undefined) await this.#clear();
    } finally {
      await this.end("SIGKILL");
      this.#killOrphans();
      removeTree(this.directory);
    }
  }

  /** What a daemon that did not come back left running without systemd, which forgets nothing. */
  #killOrphans(): void {
    const table = readProcessTable();
    const runs = path.join(this.stateDir, "runs");
    for (const record of existsSync(runs) ? globSync(`${runs}/*/*/*/process.json`) : []) {
      const shim = recallShim(path.dirname(record));
      if (shim === undefined) continue;
      for (const process of new ProcessTree(shim).look(table)) signalProcess(process, "SIGKILL");
    }
  }

  async #clear(): Promise<void> {
    const cancelled = await this.connection.call("run.cancel", { runs: ["all"], now: true });
    if (cancelled.ok && cancelled.value.stopping.length > 0) {
      await this.connection.call("run.wait", {
        runs: [...cancelled.value.stopping],
        waitMs: 30_000,
      });
    }
  }

  /** Every event ever, across restarts of the daemon. */
  async #follow(): Promise<void> {
    const opened = await Connection.open(this.socket);
    if (!opened.ok) throw new Error(opened.error.message);
    opened.value.onNotice(({ params }) => {
      const event = params as BlutEvent;
      this.events.push(event);
      for (const waiter of this.#waiters) {
        if (!waiter.isIt(event)) continue;
        this.#waiters.delete(waiter);
        waiter.resolve(event);
      }
    });
    await opened.value.call("events.subscribe", { since: this.events.at(-1)?.seq ?? 0 });
  }
}

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { msg: text };
  }
}
