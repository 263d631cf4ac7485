import type { z } from "zod";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { Upkeep } from "../artifacts/upkeep.ts";
import type { Clock } from "../base/clock.ts";
import type { Broker } from "../broker/broker.ts";
import type { CookbookShelf } from "../cookbook/cookbook-shelf.ts";
import type { DaemonConfig } from "../config/config.ts";
import type { ConfigChange } from "../config/reload.ts";
import type { CacheVerdict } from "../domain/artifact.ts";
import type { Failure } from "../domain/failure.ts";
import type { AttemptId } from "../domain/ids.ts";
import type { Plan } from "../domain/plan.ts";
import type { Result } from "../domain/result.ts";
import type { VersionStamp } from "../domain/version-stamp.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Teller } from "../notify/teller.ts";
import type { RecipeBook } from "../planning/recipe/book.ts";
import {
  methods,
  type MethodName,
  type MethodResult,
  type ParsedParams,
} from "../protocol/methods.ts";
import type { Retention } from "../retention/retention.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { Store } from "../store/store.ts";
import type { Timers } from "../timers/timers.ts";
import type { Call } from "./call.ts";
import { createMethod, type Answer, type Method } from "./method.ts";

/** What the daemon was made from, and what lies in the place of its files now. */
export interface RunningBuild {
  readonly stamp: VersionStamp;
  /** The stamp, and whether the files differed from their commit. */
  readonly whole: () => Promise<VersionStamp>;
  /** What the files are now, when they are not what runs. */
  readonly movedTo: () => VersionStamp | undefined;
  /** How to start it anew, as one types it. */
  readonly restart: string;
}

/** Everything the methods work on; main makes it. */
export interface RpcContext {
  readonly store: Store;
  readonly events: EventLog;
  readonly scheduler: Scheduler;
  readonly broker: Broker;
  readonly artifacts: ArtifactStore;
  readonly upkeep: Upkeep;
  readonly retention: Retention;
  readonly recipes: RecipeBook;
  readonly shelf: CookbookShelf;
  readonly timers: Timers;
  readonly teller: Teller;
  /** The daemon's own figures in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  /** What of a plan is there already, step by step. */
  readonly verdicts: (plan: Plan) => Promise<ReadonlyMap<string, CacheVerdict>>;
  readonly config: DaemonConfig;
  readonly clock: Clock;
  readonly build: RunningBuild;
  /** Hears of every client that says what it is. */
  readonly greeted: (client: VersionStamp) => void;
  /** Epoch ms. */
  readonly startedAt: number;
  /** How attempts are held to their limit, in words. */
  readonly containmentSentence: string;
  /** What is wrong with the daemon now; empty when all is well. */
  readonly health: () => MethodResult<"daemon.status">["health"];
  /** Puts a changed configuration in force. */
  readonly reload: () => Promise<Result<ConfigChange, Failure>>;
  readonly doctor: () => Promise<MethodResult<"daemon.doctor">["findings"]>;
  /** How somebody else calls this daemon: what starts its blutctl, and with which environment. */
  readonly caller: {
    readonly argv: readonly [string, ...string[]];
    readonly env: Readonly<Record<string, string>>;
  };
  /** Name of the systemd scope of an attempt, where attempts have one. */
  readonly unitOf: (attemptId: AttemptId) => string | undefined;
}

/** A body with its method's types: what comes in is validated, what goes out is checked by the compiler. */
export function define<M extends MethodName>(
  name: M,
  body: (params: ParsedParams<M>, context: RpcContext, call: Call) => Answer<MethodResult<M>>,
): Method<RpcContext> {
  const params = methods[name].params as unknown as z.ZodType<ParsedParams<M>>;
  return createMethod(name, params, body);
}
