import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import { ArtifactStore } from "../../../daemon/artifacts/artifact-store.ts";
import { Digester } from "../../../daemon/artifacts/digester.ts";
import { WorkPool } from "../../../daemon/artifacts/work-pool.ts";
import { IdSource } from "../../../daemon/base/id-source.ts";
import { Broker } from "../../../daemon/broker/broker.ts";
import { cookbookProgram } from "../../../daemon/cookbook/cookbook-host.ts";
import { namedDevices } from "../../../daemon/broker/gpu/devices.ts";
import type { DaemonConfig } from "../../../daemon/config/config.ts";
import { loadConfig } from "../../../daemon/config/load.ts";
import type { AttemptId, RunId } from "../../../daemon/domain/ids.ts";
import { ok } from "../../../daemon/domain/result.ts";
import { EventLog } from "../../../daemon/events/event-log.ts";
import { Executor } from "../../../daemon/executor/executor.ts";
import { nothingKnown, type ExitReport } from "../../../daemon/launcher/exit-report.ts";
import type {
  Adoption,
  Launcher,
  LaunchSpec,
  LiveAttempt,
} from "../../../daemon/launcher/launcher.ts";
import { aHost } from "../../support/box.ts";
import { MemoryTrack } from "../../../daemon/launcher/memory-track.ts";
import { Origins } from "../../../daemon/lineage/origins.ts";
import { Dispatch } from "../../../daemon/scheduler/dispatch.ts";
import { HoldKeeper } from "../../../daemon/scheduler/hold.ts";
import { Scheduler, type SubmitRequest } from "../../../daemon/scheduler/scheduler.ts";
import { openStore, scratchDirectory } from "../store/support/scratch.ts";
import { unwrap } from "../store/support/rows.ts";

export const mib = 1024 ** 2;
export const gib = 1024 ** 3;

/** An attempt that goes on until the test ends it. */
export class StagedAttempt implements LiveAttempt {
  readonly spec: LaunchSpec;
  readonly ended: Promise<ExitReport>;
  readonly memory = new MemoryTrack();
  /** What it was sent, in order. */
  readonly signals: ("TERM" | "KILL")[] = [];
  /** Resolves with its first signal. */
  readonly signalled: Promise<void>;
  readonly #settle: (report: ExitReport) => void;
  readonly #tellSignal: () => void;

  constructor(spec: LaunchSpec) {
    const { promise, resolve } = Promise.withResolvers<ExitReport>();
    this.spec = spec;
    this.ended = promise;
    this.#settle = resolve;
    const signal = Promise.withResolvers<undefined>();
    this.signalled = signal.promise.then(() => undefined);
    this.#tellSignal = () => {
      signal.resolve(undefined);
    };
  }

  get attemptId(): AttemptId {
    return this.spec.attemptId;
  }

  end(report: Partial<ExitReport>): void {
    this.#settle({ ...nothingKnown, started: true, ...report });
  }

  exit(status: number): void {
    this.end({ record: { kind: "exited", status } });
  }

  outgrow(): void {
    this.end({ killer: "own-limit" });
  }

  terminate(): Promise<void> {
    this.signals.push("TERM");
    this.#tellSignal();
    return Promise.resolve();
  }

  kill(): Promise<void> {
    this.signals.push("KILL");
    this.#tellSignal();
    return Promise.resolve();
  }

  usage(): undefined {
    return undefined;
  }
}

/** A launcher whose attempts do what the test says, one after the other. */
export class StagedLauncher implements Launcher {
  readonly containment = "polling";
  /** What letting go of an attempt waits for. */
  releasing: Promise<void> = Promise.resolve();
  /** What starting an attempt waits for. */
  starting: Promise<void> = Promise.resolve();
  readonly #all: StagedAttempt[] = [];
  readonly #started: StagedAttempt[] = [];
  #tell: (() => void) | undefined;

  async start(spec: LaunchSpec): ReturnType<Launcher["start"]> {
    const attempt = new StagedAttempt(spec);
    this.#all.push(attempt);
    this.#started.push(attempt);
    this.#tell?.();
    await this.starting;
    return ok(attempt);
  }

  /** The next attempt to start, or one that has started and was not asked for yet. */
  async next(): Promise<StagedAttempt> {
    for (;;) {
      const attempt = this.#started.shift();
      if (attempt !== undefined) return attempt;
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
  }

  /** Ends what the test left. */
  endAll(): void {
    for (const attempt of this.#all) attempt.exit(0);
  }

  adopt(): Promise<Adoption> {
    return Promise.resolve({ kind: "never-started" });
  }

  release(): Promise<void> {
    return this.releasing;
  }

  holdings(): Promise<readonly AttemptId[]> {
    return Promise.resolve([]);
  }
}

/** The queue and the executor as they are, on a box that says it has 8 GiB, over staged attempts. */
export class QueueRig {
  readonly #directory = scratchDirectory();
  readonly #database = join(this.#directory, "blut.db");
  readonly store = openStore(this.#database);
  readonly launcher = new StagedLauncher();
  readonly events: EventLog;
  readonly executor: Executor;
  readonly artifacts: ArtifactStore;
  readonly scheduler: Scheduler;
  readonly #dispatch: Dispatch;
  #isStopped = false;

  constructor(change: (config: DaemonConfig) => DaemonConfig = (config) => config) {
    const clock = systemClock;
    const config = change(configIn(this.#directory));
    const { store } = this;
    this.events = new EventLog(store, clock, { keep: 1000 });
    const books = { store, events: this.events, clock };
    const ids = new IdSource(clock);
    const box = { memTotalBytes: 8 * gib, memAvailableBytes: 8 * gib };
    const devices = namedDevices(config.gpus, 8 * gib);
    const broker = new Broker({
      ...config,
      devices,
      clock,
      sample: () => ({ takenAtMs: clock.monotonic(), ...box }),
    });
    const place = {
      containment: "polling",
      bootId: "here",
      runsDir: config.paths.runsDir,
    } as const;
    const { launcher } = this;
    const pool = new WorkPool(clock);
    this.artifacts = new ArtifactStore(config.paths.artifactsDir, pool, clock);
    const digester = new Digester({ store, pool, clock });
    const { artifacts } = this;
    const { backoff } = config;
    this.executor = new Executor({
      ...{ books, broker, launcher, place, backoff, artifacts, digester },
      origins: new Origins(aHost, clock),
      body: cookbookProgram,
    });
    const holds = new HoldKeeper(books, () => {
      this.#dispatch.wake();
    });
    this.#dispatch = new Dispatch({
      books,
      broker,
      executor: this.executor,
      ids,
      memory: config.memory,
      backoff: config.backoff,
      hold: () => holds.current(),
      canLaunch: () => true,
      diskWait: () => undefined,
    });
    const door = { books, ids, config, cpusTotal: 8, devices, queuedLimit: 10_000 };
    const { executor } = this;
    this.scheduler = new Scheduler({ door, executor, dispatch: this.#dispatch, holds });
    this.#dispatch.start();
    onTestFinished(async () => {
      await this.stopStarting();
      if (!this.#isStopped) await this.#untilIdle();
      this.executor.stop();
      await pool.stop();
    });
  }

  async submit(more: Partial<SubmitRequest> = {}): Promise<RunId> {
    return unwrap(await this.tryToSubmit(more)).id;
  }

  /** As {@link submit} for what may be refused. */
  tryToSubmit(more: Partial<SubmitRequest> = {}): ReturnType<Scheduler["submit"]> {
    return this.scheduler.submit({
      argv: ["/bin/true"],
      cwd: "/",
      env: {},
      memory: {},
      pools: {},
      locks: [],
      priority: 0,
      needs: [],
      after: [],
      ...more,
    });
  }

  /** Resolves once an event of this kind has been told, for this run where one is named. */
  told(kind: string, runId?: RunId): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.events.onAppend((event) => {
        if (event.kind !== kind || (runId !== undefined && event.runId !== runId)) return;
        stop();
        resolve();
      });
    });
  }

  /** Stops and closes the books, as a daemon that ends does, whatever is under way. */
  stop(): void {
    this.#isStopped = true;
    void this.stopStarting();
    this.executor.stop();
    this.store.close();
  }

  /** Starts nothing more, as a daemon that begins to stop; what is being started may still begin. */
  stopStarting(): Promise<void> {
    return this.#dispatch.stop();
  }

  /** Refuses every write until it is disposed of. */
  lockDatabase(): Disposable {
    const other = new Database(this.#database);
    other.exec("BEGIN EXCLUSIVE");
    return {
      [Symbol.dispose]() {
        other.close();
      },
    };
  }

  #untilIdle(): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        this.launcher.endAll();
        if (this.store.attempts.live().length === 0) resolve();
      };
      this.events.onAppend(look);
      look();
    });
  }

  stateOf(id: RunId): string | undefined {
    return this.store.runs.get(id)?.state;
  }
}

function configIn(directory: string): DaemonConfig {
  const loaded = loadConfig({
    uid: process.getuid?.() ?? 0,
    env: { HOME: directory, XDG_RUNTIME_DIR: join(directory, "run") },
    flags: { stateDir: join(directory, "state"), containment: "polling", budget: "4G" },
    readFile: () => ok(undefined),
    memTotalBytes: 8 * gib,
  });
  expect(loaded.ok).toBe(true);
  return unwrap(loaded);
}
