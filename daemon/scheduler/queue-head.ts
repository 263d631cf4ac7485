import type { Candidate } from "../broker/admission.ts";
import type { Broker } from "../broker/broker.ts";
import { footprintOf, type ExceedsHost } from "../broker/estimate.ts";
import type { DaemonConfig } from "../config/config.ts";
import type { Calibration } from "../domain/calibration.ts";
import type { Footprint } from "../domain/footprint.ts";
import type { RunId } from "../domain/ids.ts";
import type { Step } from "../domain/plan.ts";
import type { Result } from "../domain/result.ts";
import type { ReadyRow } from "../store/ready.ts";
import type { Store } from "../store/store.ts";

/** What footprints at the head of the queue are worked out from. */
export interface QueueHeadParts {
  readonly store: Store;
  readonly broker: Broker;
  readonly memory: DaemonConfig["memory"];
}

/** A step at the head of the queue with what it would get. */
export interface Contender {
  readonly candidate: Candidate;
  readonly runId: RunId;
  readonly step: Step;
  readonly footprint: Footprint;
}

/** A step that is now known never to fit. */
export interface Hopeless {
  readonly runId: RunId;
  readonly step: Step;
  readonly because: ExceedsHost;
}

/** A step whose plan cannot be read: a bug, or a damaged row. */
export interface Unreadable {
  readonly runId: RunId;
  readonly step: string;
  readonly thrown: unknown;
}

interface Contention {
  readonly contenders: Contender[];
  readonly hopeless: Hopeless[];
  readonly unreadable: Unreadable[];
}

/** What cannot change while a step stands in the queue. */
interface Standing {
  readonly step: Step;
  readonly killedAtBytes: number | undefined;
}

/**
 * The head of the queue with what each step of it would get. It is looked at with every change, up to
 * hundreds of times a second, so what stays the same while a step waits is read once: its plan, and what
 * it was killed at.
 */
export class QueueHead {
  readonly #parts: QueueHeadParts;
  #standings = new Map<string, Standing>();

  constructor(parts: QueueHeadParts) {
    this.#parts = parts;
  }

  /** What every one of these steps would get now. Those not among them are forgotten. */
  contend(rows: readonly ReadyRow[]): Contention {
    const unreadable: Unreadable[] = [];
    const contenders: Contender[] = [];
    const hopeless: Hopeless[] = [];
    const standings = new Map<string, Standing>();
    const footprintOfStep = this.#estimator();
    for (const row of rows) {
      const standing = this.#standings.get(keyOf(row)) ?? this.#read(row, unreadable);
      if (standing === undefined) continue;
      standings.set(keyOf(row), standing);
      const { step, killedAtBytes } = standing;
      const footprint = footprintOfStep(step, killedAtBytes);
      if (footprint.ok) contenders.push(contender(row, step, footprint.value));
      else hopeless.push({ runId: row.runId, step, because: footprint.error });
    }
    this.#standings = standings;
    return { contenders, hopeless, unreadable };
  }

  /** What the next attempt of a step would get, wherever it stands. */
  footprint(runId: RunId, step: Step): Result<Footprint, ExceedsHost> {
    const killedAtBytes = this.#parts.store.steps.get(runId, step.name)?.killedAtBytes;
    return this.#estimator()(step, killedAtBytes);
  }

  /** A step leaves the queue; should it come back, it is read anew. */
  forget(row: Pick<ReadyRow, "runId" | "step">): void {
    this.#standings.delete(keyOf(row));
  }

  /** Estimates for steps at one moment: many of them share a calibration, and all of them the box. */
  #estimator(): (step: Step, killedAtBytes?: number) => Result<Footprint, ExceedsHost> {
    const { store, broker, memory } = this.#parts;
    const { budgetBytes } = memory;
    const attainable = broker.attainable();
    const histories = new Map<string, Calibration | undefined>();
    return (step, killedAtBytes) => {
      const key = step.calibrationKey;
      if (!histories.has(key)) histories.set(key, store.calibrations.get(key));
      const history = histories.get(key);
      const ask = step.memory;
      return footprintOf({ ask, policy: memory, budgetBytes, history, killedAtBytes, attainable });
    };
  }

  #read(row: ReadyRow, unreadable: Unreadable[]): Standing | undefined {
    const { runId, step: name } = row;
    const { store } = this.#parts;
    try {
      const step = store.runs.step(runId, name);
      return { step, killedAtBytes: store.steps.get(runId, name)?.killedAtBytes };
    } catch (thrown) {
      unreadable.push({ runId, step: name, thrown });
      return undefined;
    }
  }
}

/** One text for one step of one run. */
export function keyOf({ runId, step }: Pick<ReadyRow, "runId" | "step">): string {
  return `${runId}/${step}`;
}

function contender(row: ReadyRow, step: Step, footprint: Footprint): Contender {
  const candidate = {
    runId: row.runId,
    step: row.step,
    priority: row.priority,
    weight: row.weight,
    passedOver: row.passedOver,
    limitBytes: footprint.limitBytes,
    claims: step.claims,
  };
  return { candidate, runId: row.runId, step, footprint };
}
