import type { TickState } from "../domain/schedule.ts";
import type { ReportTick } from "../store/reports.ts";

/** What became of the instants of one schedule. */
export interface ScheduleFigures extends Readonly<Record<TickState, number>> {
  readonly name: string;
  /** Of those that have a run: dealt with more than a minute after their time. */
  readonly late: number;
  /** Of the last one that has no run, in words. */
  readonly because?: string;
}

/** Earlier than this is on time. */
const lateMs = 60_000;
const nothing = {
  fired: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  skipped: 0,
  missed: 0,
  refused: 0,
  late: 0,
};

/** Counts instants by schedule. */
export class ScheduleTally {
  readonly #schedules = new Map<string, ScheduleFigures>();
  readonly #refused = new Set<string>();

  /** Takes an instant; they come in the order in which they were dealt with. */
  add({ schedule, state, at, instant, because, count }: ReportTick): void {
    const known = this.#schedules.get(schedule) ?? { name: schedule, ...nothing };
    const hasRun = because === null;
    if (hasRun) this.#refused.delete(schedule);
    if (state === "refused") this.#refused.add(schedule);
    this.#schedules.set(schedule, {
      ...known,
      [state]: known[state] + count,
      late: known.late + Number(hasRun && at - instant > lateMs),
      ...(!hasRun && { because }),
    });
  }

  /** Names of those that could not start anything, and have not since. */
  get refused(): readonly string[] {
    return [...this.#refused];
  }

  /** Those that went wrong in any way first, then by name. */
  figures(): ScheduleFigures[] {
    return [...this.#schedules.values()].sort(
      (a, b) => troubleOf(b) - troubleOf(a) || (a.name < b.name ? -1 : 1),
    );
  }
}

/** Instants that did not go as they should have. */
export function troubleOf({ failed, skipped, missed, refused, late }: ScheduleFigures): number {
  return failed + skipped + missed + refused + late;
}
