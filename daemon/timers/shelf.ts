import { existsSync, watch, type FSWatcher } from "node:fs";
import path from "node:path";
import type { Clock } from "../base/clock.ts";
import { errorCode } from "../base/system-error.ts";
import type { Problem } from "../domain/problem.ts";
import { err, type Result } from "../domain/result.ts";
import { filesIn, readText } from "../planning/recipe/files.ts";
import { readSchedule, type Schedule } from "./read-schedule.ts";

/** A file that cannot be used; what it said before still holds. */
export interface BrokenFile {
  readonly name: string;
  readonly file: string;
  readonly problems: readonly Problem[];
}

/** What changed on the shelf. */
export type ShelfNews =
  | { readonly kind: "loaded" | "removed"; readonly name: string }
  | ({ readonly kind: "broken" } & BrokenFile);

/** An editor writes a file in several steps. */
const settleMs = 50;

/** The schedules of a directory, each in the last version that was good. */
export class ScheduleShelf {
  readonly directory: string | undefined;
  readonly #clock: Clock;
  readonly #good = new Map<string, { readonly text: string; readonly schedule: Schedule }>();
  readonly #broken = new Map<string, BrokenFile & { readonly text: string }>();
  #watcher: FSWatcher | undefined;
  #watched = "";
  #disarm: (() => void) | undefined;

  constructor(directory: string | undefined, clock: Clock) {
    this.directory = directory;
    this.#clock = clock;
  }

  get schedules(): readonly Schedule[] {
    return [...this.#good.values()].map(({ schedule }) => schedule);
  }

  get broken(): readonly BrokenFile[] {
    return [...this.#broken.values()].map(({ name, file, problems }) => ({ name, file, problems }));
  }

  get(name: string): Schedule | undefined {
    return this.#good.get(name)?.schedule;
  }

  /** Calls back soon after anything in the directory changed, also when it comes to be or goes. */
  watch(changed: () => void): void {
    if (this.directory === undefined) return;
    let place = this.directory;
    while (!existsSync(place) && place !== "/") place = path.dirname(place);
    if (place === this.#watched && this.#watcher !== undefined) return;
    this.#watcher?.close();
    this.#watched = place;
    const again = (): void => {
      this.#disarm?.();
      this.#disarm = this.#clock.after(settleMs, () => {
        this.watch(changed);
        changed();
      });
    };
    try {
      this.#watcher = watch(place, again);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return;
    }
    this.#watcher.on("error", () => {
      this.#watcher?.close();
      this.#watcher = undefined;
    });
    // Its own removal tells of itself only as a change of its name.
    this.#watcher.on("change", (_kind, name) => {
      if (name === path.basename(place)) this.#watched = "";
    });
  }

  stop(): void {
    this.#disarm?.();
    this.#watcher?.close();
  }

  /** Reads what has changed; every piece of news is told once. */
  reload(): readonly ShelfNews[] {
    const files = this.#files();
    const news: ShelfNews[] = [];
    for (const name of new Set([...this.#good.keys(), ...this.#broken.keys()])) {
      if (files.has(name)) continue;
      if (this.#good.delete(name)) news.push({ kind: "removed", name });
      this.#broken.delete(name);
    }
    for (const [name, file] of files) news.push(...this.#load(name, file));
    return news;
  }

  #load(name: string, file: string): ShelfNews[] {
    const read = readScheduleFile(file);
    const { text } = read;
    if (this.#good.get(name)?.text === text) {
      this.#broken.delete(name);
      return [];
    }
    if (this.#broken.get(name)?.text === text) return [];
    if (read.schedule.ok) {
      this.#good.set(name, { text, schedule: read.schedule.value });
      this.#broken.delete(name);
      return [{ kind: "loaded", name }];
    }
    const broken = { name, file, problems: read.schedule.error };
    this.#broken.set(name, { ...broken, text });
    return [{ kind: "broken", ...broken }];
  }

  /** By name; those that editors hide are none. */
  #files(): Map<string, string> {
    const files = filesIn(this.directory, ".toml");
    const shown = files.filter((file) => /^[^.].*\.toml$/.test(path.basename(file)));
    return new Map(shown.map((file) => [path.basename(file, ".toml"), file]));
  }
}

/** Reads one file; of one that cannot be read, why stands for its text. */
function readScheduleFile(file: string): {
  text: string;
  schedule: Result<Schedule, readonly Problem[]>;
} {
  const text = readText(file);
  return text.ok
    ? { text: text.value, schedule: readSchedule(text.value, file) }
    : { text: text.error, schedule: err([{ field: "", message: text.error }]) };
}
