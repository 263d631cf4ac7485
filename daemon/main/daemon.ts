import type { Logger } from "pino";
import { ArtifactStore } from "../artifacts/artifact-store.ts";
import { Digester } from "../artifacts/digester.ts";
import { Upkeep } from "../artifacts/upkeep.ts";
import { WorkPool } from "../artifacts/work-pool.ts";
import { bootId } from "../base/boot-id.ts";
import { systemClock } from "../base/clock.ts";
import { IdSource } from "../base/id-source.ts";
import { Broker } from "../broker/broker.ts";
import type { GpuInventory } from "../broker/gpu/devices.ts";
import { sampleHost } from "../broker/probe.ts";
import type { DaemonConfig } from "../config/config.ts";
import { cookbookProgram } from "../cookbook/cookbook-host.ts";
import type { BlutEvent } from "../domain/event.ts";
import type { Failure } from "../domain/failure.ts";
import type { HostSample } from "../domain/host.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { EventLog } from "../events/event-log.ts";
import type { RunFiles } from "../events/run-files.ts";
import { Executor } from "../executor/executor.ts";
import type { RunBooks } from "../executor/run-books.ts";
import type { BoxRecorder } from "../history/box-recorder.ts";
import { openRecorder } from "../history/open-recorder.ts";
import { Origins } from "../lineage/origins.ts";
import { lostSince } from "../notify/telling.ts";
import { submitLimits } from "../protocol/limits.ts";
import type { RpcContext, RunningBuild } from "../rpc/context.ts";
import type { SocketServer } from "../rpc/server.ts";
import type { Notifier } from "../systemd/service/notifier.ts";
import type { Retention } from "../retention/retention.ts";
import { Dispatch } from "../scheduler/dispatch.ts";
import { HoldKeeper } from "../scheduler/hold.ts";
import { Scheduler } from "../scheduler/scheduler.ts";
import type { Timers } from "../timers/timers.ts";
import { openContainer, type Container } from "./container.ts";
import { examine } from "./doctor.ts";
import { health } from "./health.ts";
import type { DaemonParts } from "./parts/daemon-parts.ts";
import { lookAround, type Around } from "./parts/look-around.ts";
import { openEvents } from "./parts/open-events.ts";
import { openRetention } from "./parts/open-retention.ts";
import { openRunFiles } from "./parts/open-run-files.ts";
import { Onlookers } from "./parts/onlookers.ts";
import { openTimers } from "./parts/open-timers.ts";
import { noteOwn, type OwnEvent } from "./parts/own-events.ts";
import { WorkRoom } from "./parts/work-room.ts";
import { Liveness } from "./service/liveness.ts";
import { Reloader } from "./service/reloader.ts";
import { sharedAccount } from "./service/shared-account.ts";
import { statusSentence } from "./service/status-sentence.ts";
import { openRecipes } from "./recipe-book.ts";
import { openSocket } from "./socket.ts";
import { closeGround, openGround, promisedBytes, type Ground } from "./state-directory.ts";
import { clientGreeter, watchedBuild } from "./version.ts";

const sample = (): HostSample | undefined => sampleHost(systemClock);

/** The composition root: every part made once, started from the ground up, stopped in reverse. */
export class Daemon {
  readonly #ground: Ground;
  readonly #container: Container;
  readonly #events: EventLog;
  readonly #executor: Executor;
  readonly #holds: HoldKeeper;
  readonly #dispatch: Dispatch;
  readonly #scheduler: Scheduler;
  readonly #broker: Broker;
  readonly #pool = new WorkPool(systemClock);
  readonly #artifacts: ArtifactStore;
  readonly #upkeep: Upkeep;
  readonly #config: DaemonConfig;
  readonly #logger: Logger;
  readonly #runFiles: RunFiles;
  readonly #inventory: GpuInventory;
  readonly #recipes: ReturnType<typeof openRecipes>;
  readonly #timers: Timers;
  readonly #onlookers: Onlookers;
  readonly #room: WorkRoom;
  #reloader: Reloader | undefined;
  #liveness: Liveness | undefined;
  readonly #recorder: BoxRecorder;
  readonly #build: RunningBuild;
  readonly #retention: Retention;
  #socket: SocketServer | undefined;
  #stopListening: (() => void) | undefined;

  private constructor(
    parts: DaemonParts & Around,
    ground: Ground,
    container: Container,
    workBytes: number,
  ) {
    const { config, logger, inventory, host, build } = parts;
    const { devices } = inventory;
    this.#inventory = inventory;
    const [{ store }, clock] = [ground, systemClock];
    this.#config = config;
    this.#logger = logger;
    this.#ground = ground;
    this.#container = container;
    this.#events = openEvents(store, config, logger);
    this.#build = watchedBuild(build, (facts) => {
      this.#note("daemon.outdated", facts);
    });
    const books: RunBooks = { store, events: this.#events, clock };
    const ids = new IdSource(clock, store.attempts.newestIdBody());
    this.#broker = new Broker({ ...config, devices, clock, sample });
    this.#room = new WorkRoom({ container, broker: this.#broker, ...config }, workBytes);
    const artifacts = new ArtifactStore(config.paths.artifactsDir, this.#pool, clock);
    this.#artifacts = artifacts;
    this.#upkeep = new Upkeep({ store, artifacts, pool: this.#pool, clock });
    const digester = new Digester({ store, pool: this.#pool, clock });
    this.#executor = new Executor({
      ...{ books, broker: this.#broker, artifacts, digester, backoff: config.backoff },
      launcher: container.launcher,
      place: { containment: config.containment, bootId: bootId(), runsDir: config.paths.runsDir },
      ...{ origins: new Origins(host, clock), body: cookbookProgram },
    });
    this.#runFiles = openRunFiles(books, config, logger);
    this.#holds = new HoldKeeper(books, () => {
      this.#dispatch.wake();
    });
    this.#retention = openRetention(config, { ...books, pool: this.#pool, upkeep: this.#upkeep });
    this.#dispatch = new Dispatch({
      ...{ books, ids, memory: config.memory, backoff: config.backoff },
      ...{ broker: this.#broker, executor: this.#executor },
      hold: () => this.#holds.current(),
      canLaunch: container.isBusUp,
      diskWait: () => this.#retention.diskWait(),
    });
    const account = sharedAccount(parts.service, config.paths.socket);
    const limits = { cpusTotal: this.#broker.cpusTotal, queuedLimit: submitLimits.queued };
    const door = { books, ids, config, devices, account, ...limits };
    this.#scheduler = new Scheduler({
      ...{ door, executor: this.#executor, dispatch: this.#dispatch, holds: this.#holds },
    });
    const works = { broker: this.#broker, executor: this.#executor, scheduler: this.#scheduler };
    this.#recorder = openRecorder({ ...books, ...works, sample, config });
    this.#recipes = openRecipes(config);
    const knocks = { ...books, ...this.#recipes, scheduler: this.#scheduler };
    this.#timers = openTimers(config, knocks, container);
    this.#onlookers = new Onlookers({
      ...{ ...books, config, logger, build, broker: this.#broker, dispatch: this.#dispatch },
      ...{ holds: this.#holds, timers: this.#timers, health: this.#health },
    });
  }

  /** Opens everything in order and serves; what an earlier daemon left is adopted before anything starts. */
  static async open(parts: DaemonParts): Promise<Result<Daemon, Failure>> {
    const ground = openGround(parts.config, parts.service.socket !== undefined);
    if (!ground.ok) return ground;
    const workBytes = Math.max(parts.config.memory.budgetBytes, promisedBytes(ground.value.store));
    const container = await openContainer(parts.config, workBytes, systemClock);
    if (!container.ok) {
      closeGround(ground.value);
      return container;
    }
    const found = await lookAround(parts.config, parts.logger, parts.build.stamp.version);
    const daemon = new Daemon({ ...parts, ...found }, ground.value, container.value, workBytes);
    const started = await daemon.#start(parts);
    if (started.ok) return ok(daemon);
    await daemon.stop();
    return started;
  }

  /** Tells once that the store can no longer be trusted; the daemon must end. */
  onBroken(listener: (broken: Failure) => void): void {
    this.#ground.store.onBroken(listener);
  }

  /** Puts a changed configuration in force; what came of it is logged. */
  async reload(): Promise<void> {
    await this.#reloader?.reload();
    await this.#timers.reload();
  }

  /** Stops serving and starting. What runs goes on without us and is adopted by the next daemon. */
  async stop(): Promise<void> {
    const told = this.#liveness?.stop();
    await this.#timers.stop();
    await this.#recorder.stop();
    await this.#onlookers.stop();
    await this.#dispatch.stop();
    this.#retention.stop();
    this.#holds.stop();
    this.#note("daemon.stopping");
    this.#stopListening?.();
    await this.#socket?.stop();
    this.#executor.stop();
    await this.#pool.stop();
    await this.#upkeep.settled();
    await this.#retention.settled();
    await this.#runFiles.stop();
    this.#container.close();
    closeGround(this.#ground);
    await told;
  }

  async #start({ service, reread }: DaemonParts): Promise<Result<void, Failure>> {
    const { notifier, socket: given } = service;
    this.#reloader = this.#createReloader(notifier, reread);
    // Every live attempt is in the executor's books before the first client can ask about it.
    const { last } = this.#events.bounds();
    const adopted = this.#executor.adoptAll();
    const { socket: path } = this.#config.paths;
    const socket = await openSocket(path, this.#context(this.#reloader), this.#logger, given);
    await adopted;
    if (!socket.ok) return err(socket.error);
    this.#socket = socket.value;
    this.#executor.onFreed(() => void this.#room.narrow());
    await this.#room.narrow();
    this.#holds.start();
    this.#dispatch.start();
    this.#note("daemon.started", { lost: lostSince(this.#ground.store, last) });
    this.#runFiles.start();
    this.#timers.start();
    this.#recorder.start();
    this.#onlookers.start();
    this.#retention.start();
    // What is being made of an adopted attempt's output meanwhile is fresh, and stays.
    void this.#upkeep.tidy();
    this.#stopListening = this.#container.onBusChange((isUp) => {
      this.#note(isUp ? "bus.restored" : "bus.lost");
      if (isUp) void this.#executor.releaseEnded();
      this.#liveness?.say();
      this.#dispatch.wake();
    });
    this.#liveness = new Liveness({
      ...{ notifier, store: this.#ground.store, clock: systemClock },
      sentence: () => this.#sentence(),
    });
    this.#liveness.start();
    this.#logger.info({ socket: path, pid: process.pid }, "ready");
    return ok(undefined);
  }

  /** Puts an event of the daemon itself on record, by which build and in which boot of the machine. */
  #note(kind: OwnEvent, more: BlutEvent["facts"] = {}): void {
    const books = { store: this.#ground.store, events: this.#events };
    noteOwn(books, kind, { version: this.#build.stamp.version, ...more });
  }

  readonly #health = (): ReturnType<typeof health> => {
    const { store } = this.#ground;
    const storage = store.trouble ?? this.#retention.diskWait();
    return health(this.#container.isBusUp(), sampleHost(systemClock) !== undefined, storage);
  };

  #sentence(): string {
    return statusSentence({
      counts: this.#ground.store.runs.counts(),
      reservedBytes: this.#broker.ledger.totals().memoryBytes,
      budgetBytes: this.#config.memory.budgetBytes,
      hold: this.#holds.current(),
      problems: this.#health(),
      refusal: this.#reloader?.trouble,
      onDisk: this.#build.movedTo(),
    });
  }

  #createReloader(notifier: Notifier, reread: DaemonParts["reread"]): Reloader {
    return new Reloader({
      ...{ config: this.#config, reread, notifier, logger: this.#logger },
      hold: (budgetBytes) => this.#room.widen(budgetBytes),
      onChange: () => {
        void this.#room.narrow();
        this.#liveness?.say();
        this.#dispatch.wake();
      },
    });
  }

  #context(reloader: Reloader): RpcContext {
    const { sentence: containmentSentence, isBusUp, unitOf, caller } = this.#container;
    const config = this.#config;
    const { store } = this.#ground;
    return {
      ...{ store, events: this.#events, scheduler: this.#scheduler, broker: this.#broker },
      ...{ artifacts: this.#artifacts, upkeep: this.#upkeep, retention: this.#retention },
      ...{ ...this.#recipes, timers: this.#timers, teller: this.#onlookers.teller },
      metrics: () => this.#onlookers.metrics(),
      verdicts: (plan) => this.#executor.verdicts(plan),
      config,
      clock: systemClock,
      build: this.#build,
      greeted: clientGreeter(this.#build.stamp, this.#logger),
      startedAt: systemClock.now(),
      containmentSentence,
      health: this.#health,
      reload: () => reloader.reload(),
      doctor: () =>
        examine({
          ...{ config, containmentSentence, isBusUp, store, build: this.#build },
          ...{ inventory: this.#inventory, recipes: this.#recipes.recipes },
        }),
      unitOf,
      caller,
    };
  }
}
