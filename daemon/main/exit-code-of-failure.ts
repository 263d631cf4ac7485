import type { Failure } from "../domain/failure.ts";

/** What blutd exits with, in the words of sysexits.h: systemd's unit decides by it whether to restart. */
export const daemonExit = { usage: 2, software: 70, io: 74, busy: 75, configuration: 78 } as const;

/** The exit code of a daemon that refused to start for this reason. */
export function exitCodeOfFailure({ reason }: Failure): number {
  switch (reason) {
    case "state-in-use":
      return daemonExit.busy;
    case "storage-full":
    case "storage-failed":
    case "database-corrupt":
      return daemonExit.io;
    default:
      return daemonExit.configuration;
  }
}
