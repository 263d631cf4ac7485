import type { Failure } from "../domain/failure.ts";

/** What blutd exits with, in the words of sysexits.h: systemd's unit decides by it whether to restart. */
export const daemonExits = {
  success: { code: 0, meaning: "stopped when asked" },
  usage: { code: 2, meaning: "wrong usage" },
  software: { code: 70, meaning: "a bug; work goes on, and the next start takes it over" },
  io: { code: 74, meaning: "the database cannot be read or written" },
  busy: { code: 75, meaning: "another blutd has this state directory" },
  configuration: { code: 78, meaning: "the box or a setting must be fixed first" },
} as const;

/** The exit code of a daemon that refused to start for this reason. */
export function exitCodeOfFailure({ reason }: Failure): number {
  switch (reason) {
    case "state-in-use":
      return daemonExits.busy.code;
    case "storage-full":
    case "storage-failed":
    case "database-corrupt":
      return daemonExits.io.code;
    default:
      return daemonExits.configuration.code;
  }
}
