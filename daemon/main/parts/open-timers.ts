import type { DaemonConfig } from "../../config/config.ts";
import type { RunBooks } from "../../executor/run-books.ts";
import type { RecipeBook } from "../../planning/recipe/book.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import { ScheduleShelf } from "../../timers/shelf.ts";
import { Timers } from "../../timers/timers.ts";

/** The clock that knocks, with the files that say when. */
export function openTimers(
  config: DaemonConfig,
  parts: RunBooks & { readonly scheduler: Scheduler; readonly recipes: RecipeBook },
): Timers {
  const recall = (name: string) => parts.store.scheduleFiles.get(name)?.text;
  const shelf = new ScheduleShelf(config.paths.schedulesDir, parts.clock, recall);
  return new Timers({ ...parts, shelf });
}
