import type { Logger } from "pino";
import { systemClock } from "../../base/clock.ts";
import type { DaemonConfig } from "../../config/config.ts";
import { EventLog } from "../../events/event-log.ts";
import { logEvent } from "../../events/log-lines.ts";
import type { Store } from "../../store/store.ts";

/** The event log, each event a line of the daemon's own log as well. */
export function openEvents(store: Store, config: DaemonConfig, logger: Logger): EventLog {
  const events = new EventLog(store, systemClock, config.events);
  events.onAppend((event) => {
    logEvent(logger, event);
  });
  return events;
}
