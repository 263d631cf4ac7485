import type { RunId } from "../domain/ids.ts";
import { formatDuration } from "../domain/quantity.ts";
import type { Wait } from "../domain/reservation.ts";
import type { ReadyRow } from "../store/ready.ts";
import type { Store } from "../store/store.ts";
import type { Hold } from "./hold.ts";

/**
 * Whether a person's word keeps a ready step from starting. A pause holds everything; a drain lets what
 * was begun go on to its end, its next tries too, or it would never be empty.
 */
export function isHeld(
  store: Store,
  hold: Hold | undefined,
  { runId, step }: Pick<ReadyRow, "runId" | "step">,
): boolean {
  if (hold?.mode !== "drain") return hold !== undefined;
  return (store.steps.get(runId, step)?.attempts ?? 0) === 0;
}

/** A person holds the whole queue. */
export function holdWait(hold: Hold): Wait {
  const why = hold.reason === "" ? "" : `: ${hold.reason}`;
  const unblocks = "blutctl resume";
  return hold.mode === "pause"
    ? { reason: "paused", message: `blutd was paused${why}`, unblocks }
    : { reason: "draining", message: `blutd is draining${why}`, unblocks };
}

/** Nothing can be started anywhere. */
export const launcherWait: Wait = {
  reason: "systemd-away",
  message: "systemd does not answer on the bus, so nothing can be started",
  unblocks: "blutd goes on by itself once it answers; see blutctl doctor",
};

/** Far back in the queue; what is ahead is looked at first. */
export const lineWait: Wait = {
  reason: "head-of-line",
  message: "many steps of the same or a higher priority are before it",
  unblocks: "the ends of those before it, or a higher --priority",
};

/** Its inputs are being read. */
const resolvingWait: Wait = {
  reason: "waits-for-step",
  message:
    "what it works on is being read, and its result looked for; maybe another step does the same",
  unblocks: "nothing to do: it goes on by itself",
};

/** The last attempt failed and the next one is put off. */
export function backoffWait(leftMs: number): Wait {
  return {
    reason: "backing-off",
    message: `its last attempt did not succeed; the next one is due in ${formatDuration(leftMs)}`,
    unblocks: "nothing to do: it goes on by itself",
  };
}

/** It waits for other runs, or for steps of its own run. Undefined when it waits for neither. */
export function runWait(store: Store, runId: RunId, step: string): Wait | undefined {
  const open = store.waits.of(runId).filter((wait) => wait.open);
  const first = open[0];
  if (first !== undefined) {
    const how = first.kind === "needs" ? "succeed" : "end";
    const more = open.length > 1 ? ` and ${String(open.length - 1)} more` : "";
    return {
      reason: "waits-for-run",
      message: `it waits for ${first.onRunId}${more} to ${how}`,
      unblocks: `blutctl show ${first.onRunId}`,
    };
  }
  const state = store.steps.get(runId, step)?.state;
  if (state === "resolving") return resolvingWait;
  if (state !== "waiting") return undefined;
  return {
    reason: "waits-for-step",
    message: "it waits for earlier steps of its run",
    unblocks: `blutctl show ${runId}`,
  };
}
