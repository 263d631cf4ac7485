import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import { ArtifactStore } from "../../../daemon/artifacts/artifact-store.ts";
import { Digester } from "../../../daemon/artifacts/digester.ts";
import { Upkeep } from "../../../daemon/artifacts/upkeep.ts";
import { WorkPool } from "../../../daemon/artifacts/work-pool.ts";
import { IdSource } from "../../../daemon/base/id-source.ts";
import { Broker } from "../../../daemon/broker/broker.ts";
import { cookbookProgram } from "../../../daemon/cookbook/cookbook-host.ts";
import type { DaemonConfig } from "../../../daemon/config/config.ts";
import { loadConfig } from "../../../daemon/config/load.ts";
import { openRetention } from "../../../daemon/main/parts/open-retention.ts";
import { openRecipes } from "../../../daemon/main/recipe-book.ts";
import { Telling } from "../../../daemon/notify/telling.ts";
import { Telemetry } from "../../../daemon/telemetry/telemetry.ts";
import { ScheduleShelf } from "../../../daemon/timers/files/shelf.ts";
import { Timers } from "../../../daemon/timers/timers.ts";
import { ok, type Result } from "../../../daemon/domain/result.ts";
import { EventLog } from "../../../daemon/events/event-log.ts";
import { Executor } from "../../../daemon/executor/executor.ts";
import { PollingLauncher } from "../../../daemon/launcher/polling-launcher.ts";
import {
  methods,
  type MethodName,
  type MethodResult,
  type Params,
} from "../../../daemon/protocol/methods.ts";
import type { CommandAsk } from "../../../daemon/protocol/schemas/submit.ts";
import type { RpcContext } from "../../../daemon/rpc/context.ts";
import { Dispatcher } from "../../../daemon/rpc/dispatch.ts";
import { allMethods } from "../../../daemon/rpc/methods/all.ts";
import { SocketServer } from "../../../daemon/rpc/server.ts";
import { Dispatch } from "../../../daemon/scheduler/dispatch.ts";
import { HoldKeeper } from "../../../daemon/scheduler/hold.ts";
import { aHost } from "../../support/box.ts";
import { Origins } from "../../../daemon/lineage/origins.ts";
import { Scheduler } from "../../../daemon/scheduler/scheduler.ts";
import { Store } from "../../../daemon/store/store.ts";
import { KeptLog } from "./kept-log.ts";
import { RawClient, temporaryDirectory, type Reply } from "./rig.ts";

const gib = 1024 ** 3;
export const budgetBytes = 4 * gib;

function valueOf<T>(result: Result<T, { readonly message: string }>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function configIn(directory: string): DaemonConfig {
  const runtimeDir = join(directory, "run");
  const stateDir = join(directory, "state");
  const uid = process.getuid?.() ?? 0;
  return valueOf(
    loadConfig({
      uid,
      env: {
        HOME: directory,
        XDG_RUNTIME_DIR: runtimeDir,
        BLUT_RECIPES_PATH: join(directory, "recipes"),
        BLUT_SCHEDULES_PATH: join(directory, "schedules"),
      },
      flags: { stateDir, runtimeDir, containment: "polling", budget: "4G" },
      readFile: () => ok(undefined),
      memTotalBytes: 8 * gib,
    }),
  );
}

/**
 * Everything the socket talks to, real and in this process, on a box that says it has 8 GiB. Nothing
 * starts before `begin`, so that a test can look at a queue that stands still.
 */
export class DaemonRig {
  readonly context: RpcContext;
  readonly log = new KeptLog();
  readonly directory = temporaryDirectory();
  readonly server: SocketServer;
  readonly #dispatch: Dispatch;

  constructor(keepEvents = 100_000) {
    const config = configIn(this.directory);
    mkdirSync(config.paths.runsDir, { recursive: true, mode: 0o700 });
    const clock = systemClock;
    const store = valueOf(Store.open(config.paths.database, clock));
    const events = new EventLog(store, clock, { keep: keepEvents });
    const books = { store, events, clock };
    const ids = new IdSource(clock);
    const broker = new Broker({
      ...config,
      devices: [],
      clock,
      sample: () => ({
        takenAtMs: clock.monotonic(),
        memTotalBytes: 8 * gib,
        memAvailableBytes: 8 * gib,
      }),
    });
    const pool = new WorkPool(clock);
    mkdirSync(config.paths.artifactsDir, { recursive: true, mode: 0o700 });
    const artifacts = new ArtifactStore(config.paths.artifactsDir, pool, clock);
    const executor = new Executor({
      books,
      broker,
      launcher: new PollingLauncher({ clock, output: config.output }),
      place: { containment: "polling", bootId: "here", runsDir: config.paths.runsDir },
      backoff: config.backoff,
      artifacts,
      digester: new Digester({ store, pool, clock }),
      origins: new Origins(aHost, clock),
      body: cookbookProgram,
    });
    const upkeep = new Upkeep({ store, artifacts, pool, clock });
    const retention = openRetention(config, { ...books, pool, upkeep });
    const holds = new HoldKeeper(books, () => {
      this.#dispatch.wake();
    });
    this.#dispatch = new Dispatch({
      books,
      broker,
      executor,
      ids,
      memory: config.memory,
      backoff: config.backoff,
      hold: () => holds.current(),
      canLaunch: () => true,
      diskWait: () => retention.diskWait(),
    });
    const { cpusTotal } = broker;
    const door = { books, ids, config, cpusTotal, devices: [], queuedLimit: 1000 };
    const scheduler = new Scheduler({ door, executor, dispatch: this.#dispatch, holds });
    const recipeBooks = openRecipes(config);
    const shelf = new ScheduleShelf(
      config.paths.schedulesDir,
      clock,
      (name) => store.scheduleFiles.get(name)?.text,
    );
    const timers = new Timers({ ...books, scheduler, recipes: recipeBooks.recipes, shelf });
    const { teller } = new Telling({
      ...{
        store,
        events,
        clock,
        policy: config.notify,
        version: "0.0.0",
        busAddress: "unix:path=/",
      },
      lookAtAdmission: () => undefined,
    });
    const telemetry = new Telemetry({
      ...{ store, events, clock, broker, database: config.paths.database },
      stamp: { version: "0.0.0" },
      hold: () => holds.current(),
      admissionStops: () => this.#dispatch.stops,
      schedules: () => timers.timetable.counts(),
      delayOf: () => 0,
    });
    this.context = {
      metrics: () => telemetry.text(),
      timers,
      teller,
      store,
      events,
      broker,
      artifacts,
      upkeep,
      retention,
      ...recipeBooks,
      verdicts: (plan) => executor.verdicts(plan),
      config,
      clock,
      scheduler,
      build: {
        stamp: { version: "0.0.0" },
        whole: () => Promise.resolve({ version: "0.0.0", dirty: false }),
        movedTo: () => undefined,
        restart: "it is a rig",
      },
      greeted: () => undefined,
      startedAt: clock.now(),
      containmentSentence: "limits are kept by sampling",
      health: () => [],
      reload: () => Promise.resolve(ok({ changed: [], restart: [] })),
      doctor: () => Promise.resolve([{ check: "rig", level: "ok", message: "it is a rig" }]),
      unitOf: () => undefined,
      caller: { argv: ["/usr/bin/blutctl"], env: {} },
    };
    this.server = new SocketServer(
      new Dispatcher(allMethods, this.context, this.log),
      this.log,
      clock,
    );
    onTestFinished(async () => {
      await timers.stop();
      await this.call("run.cancel", { runs: ["all"], now: true });
      await this.#untilIdle();
      await this.#dispatch.stop();
      holds.stop();
      await this.server.stop();
      executor.stop();
      await pool.stop();
      store.close();
    });
  }

  /** A rig that serves; `connect` first. */
  static async serving(keepEvents?: number): Promise<DaemonRig> {
    const rig = new DaemonRig(keepEvents);
    expect(await rig.server.listen(rig.context.config.paths.socket)).toEqual(ok(undefined));
    return rig;
  }

  /** Starts what waits, from now on. */
  begin(): void {
    this.#dispatch.start();
  }

  connect(): Promise<RawClient> {
    return RawClient.connect(this.context.config.paths.socket);
  }

  /** Calls on a connection of its own; the answer must be what the schema says. */
  async call<M extends MethodName>(method: M, params: Params<M>): Promise<MethodResult<M>> {
    const { result, error } = await this.ask(method, params);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    methods[method].result.parse(result);
    return result as MethodResult<M>;
  }

  /** Calls on a connection of its own and answers the whole reply. */
  async ask(method: string, params: unknown): Promise<Reply> {
    const client = await this.connect();
    const reply = await client.call(method, params);
    client.socket.destroy();
    return reply;
  }

  /** Submits a shell command (as `sh -c`), 32 MiB unless said otherwise. */
  async submit(script: string, more: Partial<CommandAsk> = {}): Promise<string> {
    const { id } = await this.call("run.submit", {
      argv: ["/bin/sh", "-c", script],
      cwd: this.directory,
      env: { PATH: "/usr/bin:/bin" },
      memory: { firstBytes: 32 * 1024 ** 2 },
      ...more,
    });
    return id;
  }

  /** Waits for a run's end. */
  async ended(id: string): Promise<MethodResult<"run.get">> {
    await this.call("run.wait", { runs: [id] });
    return this.call("run.get", { run: id });
  }

  #untilIdle(): Promise<void> {
    const { store, events } = this.context;
    return new Promise((resolve) => {
      const look = (): void => {
        if (store.attempts.live().length === 0) resolve();
      };
      events.onAppend(look);
      look();
    });
  }
}
