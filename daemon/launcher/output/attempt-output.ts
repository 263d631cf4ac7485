import { constants } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import { openOwnFileSync } from "../../base/own-file.ts";
import { attemptFiles, streams, type LogFds } from "../attempt-files.ts";
import { OutputCap, punchHole, type OutputPolicy } from "./output-cap.ts";

/** Both logs of a live attempt, held to their size. */
export class AttemptOutput {
  readonly #caps: readonly OutputCap[];

  private constructor(caps: readonly OutputCap[]) {
    this.#caps = caps;
  }

  /** Takes over the logs of an attempt that is being started. */
  static of(clock: Clock, policy: OutputPolicy, directory: string, logs: LogFds): AttemptOutput {
    return new AttemptOutput(
      streams.map((stream) => {
        const fd = logs[stream];
        return new OutputCap({ clock, policy, directory, stream, fd, punch: punchHole });
      }),
    );
  }

  /** Opens the logs of an attempt that an earlier daemon started; one that was swapped is left alone. */
  static reopen(clock: Clock, policy: OutputPolicy, directory: string): AttemptOutput {
    const caps = streams.flatMap((stream) => {
      const fd = openOwnFileSync(attemptFiles(directory).log(stream), constants.O_WRONLY);
      if (fd === undefined) return [];
      return [new OutputCap({ clock, policy, directory, stream, fd, punch: punchHole })];
    });
    return new AttemptOutput(caps);
  }

  /** A last trim, then lets go of both. */
  async stop(): Promise<void> {
    await Promise.all(this.#caps.map((cap) => cap.stop()));
  }
}
