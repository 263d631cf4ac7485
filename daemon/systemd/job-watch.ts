import type { Clock } from "../base/clock.ts";

/** What ended a pause: a job of the unit was removed, somebody asked for a new look, or the time was up. */
export type PauseEnd = "job-removed" | "woken" | "time-up";

/**
 * Job results of one unit while a call about it is under way. It exists before the call is sent, so a
 * JobRemoved that overtakes the reply is kept, and it is dropped with the call, so nothing piles up.
 */
export class JobWatch {
  readonly unit: string;
  readonly #clock: Clock;
  readonly #results = new Map<string, string>();
  #resume: ((end: PauseEnd) => void) | undefined;
  #missed: PauseEnd | undefined;

  constructor(unit: string, clock: Clock) {
    this.unit = unit;
    this.#clock = clock;
  }

  /** Takes the result of a job of this unit. */
  removed(job: string, result: string): void {
    this.#results.set(job, result);
    this.#end("job-removed");
  }

  /** Ends the pause: what the unit is now should be asked again. */
  wake(): void {
    this.#end("woken");
  }

  /** systemd's word for how this job ended, or undefined while it is not known. */
  resultOf(job: string): string | undefined {
    return this.#results.get(job);
  }

  /** Waits for news of the unit, `ms` at most; news since the last pause end it at once. */
  async pause(ms: number): Promise<PauseEnd> {
    const missed = this.#missed;
    this.#missed = undefined;
    if (missed !== undefined) return missed;
    return await new Promise<PauseEnd>((resolve) => {
      const cancel = this.#clock.after(ms, () => {
        this.#end("time-up");
      });
      this.#resume = (end) => {
        cancel();
        this.#resume = undefined;
        resolve(end);
      };
    });
  }

  #end(end: PauseEnd): void {
    if (this.#resume === undefined) this.#missed = end;
    else this.#resume(end);
  }
}
