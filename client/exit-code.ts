import { exitCodes } from "../daemon/protocol/units.ts";
import type { RefusalReason } from "./refusal.ts";

/** What a shell calls a program that Ctrl-C ended: `wait`, `log -f` and `events -f` stop looking with it. */
export const interruptedCode = 130;

/** The code `blutctl` exits with when the daemon, or the client itself, said no. */
export function exitCodeOfRefusal(reason: RefusalReason): number {
  switch (reason) {
    case "usage":
    case "invalid-request":
    case "invalid-plan":
    case "invalid-recipe":
    case "cookbook-failed":
    case "ambiguous":
    case "dedupe-conflict":
      return exitCodes.usage.code;
    case "not-found":
    case "wrong-state":
      return exitCodes.nothingMatched.code;
    case "never-fits":
      return exitCodes.neverFits.code;
    case "bad-input":
    case "bad-output":
      return exitCodes.badInput.code;
    case "could-not-start":
      return exitCodes.couldNotStart.code;
    case "no-answer":
    case "internal-error":
    case "queue-full":
    case "too-many-requests":
    case "slow-reader":
      return exitCodes.noAnswer.code;
    case "storage-full":
    case "storage-failed":
    case "database-corrupt":
    case "database-newer":
    case "sqlite-unsafe":
    case "state-in-use":
    case "state-unsafe":
    case "invalid-config":
    case "containment-unavailable":
    case "socket-unusable":
      return exitCodes.configuration.code;
  }
}
