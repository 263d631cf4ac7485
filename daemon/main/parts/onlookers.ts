import type { Logger } from "pino";
import type { OwnBuild } from "../../base/build/own-build.ts";
import type { Broker } from "../../broker/broker.ts";
import type { DaemonConfig } from "../../config/config.ts";
import type { RunBooks } from "../../executor/run-books.ts";
import { Telling } from "../../notify/telling.ts";
import type { Teller } from "../../notify/teller.ts";
import type { Dispatch } from "../../scheduler/dispatch.ts";
import type { HoldKeeper } from "../../scheduler/hold.ts";
import { Telemetry } from "../../telemetry/telemetry.ts";
import { TextFile } from "../../telemetry/text-file.ts";
import { delayOf } from "../../timers/delay.ts";
import type { Timers } from "../../timers/timers.ts";
import { admissionStop, type health } from "../health.ts";
import { userBusAddress } from "../user-bus.ts";

interface OnlookerParts extends RunBooks {
  readonly config: DaemonConfig;
  readonly logger: Logger;
  readonly build: OwnBuild;
  readonly broker: Broker;
  readonly dispatch: Dispatch;
  readonly holds: HoldKeeper;
  readonly timers: Timers;
  readonly health: () => ReturnType<typeof health>;
}

/** Whoever watches the daemon from outside: people who are told, and what collects its figures. */
export class Onlookers {
  readonly teller: Teller;
  readonly #telling: Telling;
  readonly #telemetry: Telemetry;
  readonly #textFile: TextFile | undefined;

  constructor(parts: OnlookerParts) {
    this.#telling = openTelling(parts);
    this.teller = this.#telling.teller;
    this.#telemetry = openTelemetry(parts);
    this.#textFile = this.#openTextFile(parts);
  }

  start(): void {
    this.#telling.start();
    this.#telemetry.start();
    this.#textFile?.start();
  }

  async stop(): Promise<void> {
    this.#telemetry.stop();
    await this.#textFile?.stop();
    await this.#telling.stop();
  }

  /** The daemon's own figures in Prometheus' text format. */
  metrics(): Promise<string> {
    return this.#telemetry.text();
  }

  #openTextFile({ config, events, clock, store, logger }: OnlookerParts): TextFile | undefined {
    const { textFile: path } = config.metrics;
    if (path === undefined) return undefined;
    return new TextFile({
      ...{ path, events, clock, text: () => this.metrics() },
      isBusy: () => {
        const { queued, running } = store.runs.counts();
        return queued + running > 0;
      },
      warn: (why) => {
        logger.warn({ file: path, why }, "the metrics cannot be written");
      },
    });
  }
}

function openTelling(parts: OnlookerParts): Telling {
  const { config, build } = parts;
  const busAddress = userBusAddress(process.env, process.getuid?.() ?? 0);
  return new Telling({
    ...{ ...parts, policy: config.notify, version: build.stamp.version, busAddress },
    lookAtAdmission: () => admissionStop(parts.health(), parts.broker),
  });
}

function openTelemetry(parts: OnlookerParts): Telemetry {
  const { config, build, holds, dispatch, timers } = parts;
  return new Telemetry({
    ...{ ...parts, database: config.paths.database, stamp: build.stamp },
    hold: () => holds.current(),
    admissionStops: () => dispatch.stops,
    schedules: () => timers.timetable.counts(),
    delayOf: (name) => {
      const schedule = timers.shelf.get(name);
      return schedule === undefined ? 0 : delayOf(schedule);
    },
  });
}
