import type { DaemonEvent } from "../store/reports.ts";

/** How often the daemon began, and why it had to. */
export interface DaemonLife {
  readonly starts: number;
  /** Starts after the machine was started again. */
  readonly reboots: number;
  /** Starts after an end that nobody announced, in the same boot of the machine: killed, or out of memory. */
  readonly deaths: number;
}

/** `events` in their order, with the last one before the span first; it is not counted itself. */
export function daemonLife(events: readonly DaemonEvent[], sinceAt: number): DaemonLife {
  const life = { starts: 0, reboots: 0, deaths: 0 };
  let last: DaemonEvent | undefined;
  for (const event of events) {
    if (event.kind === "daemon.started" && event.at >= sinceAt) {
      life.starts += 1;
      if (last !== undefined && last.bootId !== event.bootId) life.reboots += 1;
      else if (last?.kind === "daemon.started") life.deaths += 1;
    }
    last = event;
  }
  return life;
}
