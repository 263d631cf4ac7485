import type { Clock } from "../base/clock.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Store } from "../store/store.ts";

/** What moving a run needs; everything that takes it runs inside one `store.write`. */
export interface RunBooks {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
}
