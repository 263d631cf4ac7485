import type { Broker } from "../broker/broker.ts";
import type { DaemonConfig } from "../config/config.ts";
import type { Executor } from "../executor/executor.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import { BoxRecorder, type RecorderParts } from "./box-recorder.ts";

/** The parts of the daemon that a recorder asks. */
interface Asked extends Pick<RecorderParts, "store" | "events" | "clock" | "sample"> {
  readonly config: Pick<DaemonConfig, "memory">;
  readonly broker: Broker;
  readonly executor: Executor;
  readonly scheduler: Scheduler;
}

/** A recorder of what the daemon's other parts know; it starts when it is told to. */
export function openRecorder(asked: Asked): BoxRecorder {
  const { config, broker, executor, scheduler, ...parts } = asked;
  const { store, clock } = parts;
  return new BoxRecorder({
    ...parts,
    memory: config.memory,
    reserved: () => broker.ledger.totals(),
    tracks: () => executor.tracks(),
    headWait: () => {
      const [head] = store.ready.head(clock.now(), 1);
      return head && scheduler.waitOf(head.runId, head.step)?.reason;
    },
  });
}
