import { digestOf } from "../base/digest.ts";
import type { IdSource } from "../base/id-source.ts";
import { footprintOf } from "../broker/estimate.ts";
import { neverFits } from "../broker/gpu/sentences.ts";
import { exceedsSentence } from "../broker/sentences.ts";
import type { DaemonConfig } from "../config/config.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { GpuDevice } from "../domain/gpu.ts";
import type { RunId } from "../domain/ids.ts";
import type { Plan } from "../domain/plan.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { enqueueReadySteps, openWaits, type RunBooks } from "../executor/run-end.ts";
import { nameOfCommand } from "../planning/calibration-key.ts";
import { compileCommand, type CommandRequest } from "../planning/compile-command.ts";
import { checkCommand } from "./command-check.ts";

/** A command to queue, checked for form by the wire. `needs` and `after` are resolved to ids. */
export interface SubmitRequest extends CommandRequest {
  readonly env: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly needs: readonly RunId[];
  readonly after: readonly RunId[];
  readonly dedupeKey?: string | undefined;
  /** The run this one is a retry of. */
  readonly retriedFrom?: RunId;
}

/** A plan ready to become a run. */
export interface NewRun {
  readonly plan: Plan;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly needs: readonly RunId[];
  readonly after: readonly RunId[];
  readonly dedupeKey?: string | undefined;
  readonly bodyDigest: string;
  readonly retriedFrom?: RunId;
}

/** The run that a submit made or found. */
export interface Submitted {
  readonly id: RunId;
  /** An earlier submit with this dedupe key answered. */
  readonly deduplicated: boolean;
}

/** What the door of the queue asks of the box. */
export interface DoorParts {
  readonly books: RunBooks;
  readonly ids: IdSource;
  readonly config: DaemonConfig;
  readonly budgetBytes: number;
  readonly cpusTotal: number;
  readonly devices: readonly GpuDevice[];
  readonly queuedLimit: number;
}

/** Compiles a request and refuses what can be known to be wrong before anything is stored. */
export function prepareCommand(parts: DoorParts, request: SubmitRequest): Result<NewRun, Failure> {
  const wrong = checkCommand(request);
  if (wrong !== undefined) return err(wrong);
  const plan = compileCommand(request, parts.config);
  const { dedupeKey, retriedFrom, ...body } = request;
  return ok({
    plan,
    name: request.name ?? nameOfCommand(request.argv),
    env: request.env,
    priority: request.priority,
    needs: request.needs,
    after: request.after,
    dedupeKey,
    bodyDigest: digestOf(body),
    ...(retriedFrom !== undefined && { retriedFrom }),
  });
}

/** Stores a run with its plan, environment and waits in one transaction; ok means it is on disk. */
export async function enter(parts: DoorParts, run: NewRun): Promise<Result<Submitted, Failure>> {
  const { books, ids } = parts;
  return books.store.write<Submitted>(() => {
    const twin =
      run.dedupeKey === undefined ? undefined : books.store.runs.byDedupeKey(run.dedupeKey);
    if (twin !== undefined) {
      return twin.bodyDigest === run.bodyDigest
        ? ok({ id: twin.id, deduplicated: true })
        : err(dedupeConflict(run.dedupeKey ?? "", twin.id));
    }
    const refused = refusal(parts, run.plan);
    if (refused !== undefined) return err(refused);
    const id = ids.runId();
    insert(books, id, run);
    return ok({ id, deduplicated: false });
  });
}

function insert(books: RunBooks, id: RunId, run: NewRun): void {
  const { store, events, clock } = books;
  store.runs.insert(
    {
      id,
      name: run.name,
      state: "queued",
      planDigest: digestOf(run.plan),
      environmentDigest: digestOf(run.env),
      priority: run.priority,
      bodyDigest: run.bodyDigest,
      createdAt: clock.now(),
      ...(run.dedupeKey !== undefined && { dedupeKey: run.dedupeKey }),
      ...(run.retriedFrom !== undefined && { retriedFrom: run.retriedFrom }),
    },
    run.plan,
    run.env,
  );
  for (const step of run.plan.steps) store.steps.insert(id, step.name, "waiting");
  events.append("run.queued", { runId: id, facts: { name: run.name } });
  const waits = [
    ...run.needs.map((onRunId) => ({ onRunId, kind: "needs" as const })),
    ...run.after.map((onRunId) => ({ onRunId, kind: "after" as const })),
  ];
  openWaits(books, id, waits);
  enqueueReadySteps(books, id);
}

function dedupeConflict(key: string, id: RunId): Failure {
  return failure(
    "dedupe-conflict",
    `the dedupe key ${key} was used for ${id} with another command or options`,
    "use another key, or submit exactly what was submitted before",
    { data: { id } },
  );
}

/** What can never start on this box is refused now, not queued for ever. */
function refusal(parts: DoorParts, plan: Plan): Failure | undefined {
  const { store } = parts.books;
  if (store.runs.counts().queued >= parts.queuedLimit) {
    return failure(
      "queue-full",
      `${String(parts.queuedLimit)} runs are waiting already`,
      "wait until some have ended, or cancel some",
      { retryable: true },
    );
  }
  for (const step of plan.steps) {
    const refused = memoryRefusal(parts, step) ?? claimRefusal(parts, step);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function memoryRefusal(parts: DoorParts, step: Plan["steps"][0]): Failure | undefined {
  const { books, config, budgetBytes } = parts;
  const { memory: ask, calibrationKey: key } = step;
  const history = books.store.calibrations.get(key);
  const footprint = footprintOf({ ask, history, policy: config.memory, budgetBytes });
  if (footprint.ok) return undefined;
  const { neededBytes, ceilingBytes } = footprint.error;
  return failure(
    "never-fits",
    exceedsSentence(neededBytes, ceilingBytes),
    ask.firstBytes === neededBytes
      ? "ask for less with --mem, or raise memory.budget in blut.toml"
      : `raise --mem-max or memory.budget, or drop what was learnt: blutctl calibration forget '${key}'`,
    { data: { neededBytes, ceilingBytes } },
  );
}

function claimRefusal(
  { config, cpusTotal, devices }: DoorParts,
  step: Plan["steps"][0],
): Failure | undefined {
  if (step.claims.cpus > cpusTotal) {
    return failure(
      "never-fits",
      `it claims ${String(step.claims.cpus)} CPUs and the box gives ${String(cpusTotal)}`,
      "claim fewer with --cpus",
    );
  }
  const never = neverFits(step.claims, devices);
  if (never !== undefined) {
    return failure("never-fits", never, "claim less with --gpus or --vram, or see gpus.devices");
  }
  for (const [pool, count] of Object.entries(step.claims.pools)) {
    const total = config.pools[pool];
    if (total === undefined || count > total) {
      return failure(
        "never-fits",
        total === undefined
          ? `there is no pool ${pool}`
          : `it claims ${String(count)} of pool ${pool}, which has ${String(total)}`,
        `set [pools] ${pool} = ${String(count)} in blut.toml and restart blutd`,
      );
    }
  }
  return undefined;
}
