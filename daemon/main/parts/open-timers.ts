import type { DaemonConfig } from "../../config/config.ts";
import type { RunBooks } from "../../executor/run-books.ts";
import type { RecipeBook } from "../../planning/recipe/book.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import { ScheduleShelf } from "../../timers/files/shelf.ts";
import { Timers } from "../../timers/timers.ts";
import type { Container } from "../container.ts";

/** The clock that knocks, with the files that say when. */
export function openTimers(
  config: DaemonConfig,
  parts: RunBooks & { readonly scheduler: Scheduler; readonly recipes: RecipeBook },
  { otherClock, onBusChange }: Pick<Container, "otherClock" | "onBusChange">,
): Timers {
  const recall = (name: string) => parts.store.scheduleFiles.get(name)?.text;
  const shelf = new ScheduleShelf(config.paths.schedulesDir, parts.clock, recall);
  const timers = new Timers({ ...parts, shelf, ...(otherClock !== undefined && { otherClock }) });
  onBusChange((isUp) => {
    if (isUp) timers.handOverAgain();
  });
  return timers;
}
