import { watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { readPopulated } from "./cgroup.ts";

/** A lost event must cost no more than this; ms. */
const safetyNetMs = 5_000;

/** Something that goes on until it is closed; closing twice is fine. */
export interface Watch {
  close(): void;
}

/**
 * Calls back once, never during this call, when no process is left in a cgroup or below it, or when it
 * is gone altogether. The kernel tells by inotify on `cgroup.events`; a slow look now and then is the
 * net under that.
 */
export function watchPopulated(directory: string, onEmpty: () => void, clock: Clock): Watch {
  let isClosed = false;
  const watcher = watchFile(join(directory, "cgroup.events"), () => {
    look();
  });
  let cancelNet = (): void => undefined;
  const close = (): void => {
    isClosed = true;
    cancelNet();
    watcher?.close();
  };
  const look = (): void => {
    if (isClosed) return;
    const populated = readPopulated(directory);
    if (populated !== false && populated !== "gone") return;
    close();
    onEmpty();
  };
  const rearm = (ms: number): void => {
    cancelNet = clock.after(ms, () => {
      look();
      if (!isClosed) rearm(safetyNetMs);
    });
  };
  // The last process may have left before the watch was there.
  rearm(0);
  return { close };
}

/** Undefined where the kernel has no watch left to give, or nothing to watch: the net does it alone. */
function watchFile(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, onChange);
    watcher.on("error", onChange);
    return watcher;
  } catch {
    return undefined;
  }
}
