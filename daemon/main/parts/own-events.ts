import { bootId } from "../../base/boot-id.ts";
import type { BlutEvent } from "../../domain/event.ts";
import { ok } from "../../domain/result.ts";
import type { RunBooks } from "../../executor/run-books.ts";

/** What a daemon tells of itself. */
export type OwnEvent =
  "daemon.started" | "daemon.stopping" | "daemon.outdated" | "bus.lost" | "bus.restored";

/** Puts an event of the daemon itself on record, and in which boot of the machine. */
export function noteOwn(
  { store, events }: Pick<RunBooks, "store" | "events">,
  kind: OwnEvent,
  facts: BlutEvent["facts"],
): void {
  void store.write(() => {
    events.append(kind, { facts: { bootId: bootId(), ...facts } });
    return ok(undefined);
  });
}
