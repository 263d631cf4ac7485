import { statSync } from "node:fs";
import path from "node:path";
import type { Clock } from "../../base/clock.ts";
import { errorCode } from "../../base/system-error.ts";
import type { Problem } from "../../domain/problem.ts";
import { err, type Result } from "../../domain/result.ts";
import { filesIn, readText } from "../../planning/recipe/files.ts";
import { DirectoryWatch } from "./directory-watch.ts";
import { readSchedule, type Schedule } from "../read-schedule.ts";

/** A file that cannot be used; what it said before still holds. */
export interface BrokenFile {
  readonly name: string;
  readonly file: string;
  readonly problems: readonly Problem[];
}

/** What changed on the shelf. */
export type ShelfNews =
  | { readonly kind: "removed"; readonly name: string }
  | {
      readonly kind: "loaded";
      readonly name: string;
      readonly text: string;
      readonly schedule: Schedule;
      /** What held until now; absent when the file is new. */
      readonly before?: Schedule;
      readonly writtenAt: number;
    }
  | ({ readonly kind: "broken"; readonly text: string } & BrokenFile);

/** What an earlier daemon knew of a file: what it last said that could be used. */
export type Recall = (name: string) => string | undefined;

interface Good {
  readonly text: string;
  readonly schedule: Schedule;
}

/** Files read in one turn of the event loop. */
const readTogether = 100;

/** The schedules of a directory, each in the last version that was good, of whatever daemon. */
export class ScheduleShelf {
  readonly directory: string | undefined;
  readonly #recall: Recall;
  readonly #good = new Map<string, Good>();
  readonly #broken = new Map<string, BrokenFile & { readonly text: string }>();
  /** Of each file as it was read: one that has not changed since is not read again. */
  readonly #stamps = new Map<string, string>();
  readonly #watch: DirectoryWatch;

  constructor(directory: string | undefined, clock: Clock, recall: Recall) {
    this.directory = directory;
    this.#recall = recall;
    this.#watch = new DirectoryWatch(directory, clock);
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
    this.#watch.start(changed);
  }

  stop(): void {
    this.#watch.stop();
  }

  /** Reads what has changed; every piece of news is told once. Thousands of files take many turns. */
  async reload(): Promise<readonly ShelfNews[]> {
    const files = this.#files();
    const news: ShelfNews[] = [];
    for (const name of new Set([...this.#good.keys(), ...this.#broken.keys()])) {
      if (files.has(name)) continue;
      if (this.#good.delete(name)) news.push({ kind: "removed", name });
      this.#broken.delete(name);
      this.#stamps.delete(name);
    }
    let read = 0;
    for (const [name, file] of files) {
      news.push(...this.#load(name, file));
      if (++read % readTogether === 0) await new Promise(setImmediate);
    }
    return news;
  }

  #load(name: string, file: string): ShelfNews[] {
    const stamp = stampOf(file);
    if (stamp !== undefined && this.#stamps.get(name) === stamp.text) return [];
    const read = readText(file);
    // Of one that cannot be read, why stands for its text.
    const text = read.ok ? read.value : read.error;
    const good = this.#good.get(name) ?? this.#recalled(name, file);
    if (stamp !== undefined) this.#stamps.set(name, stamp.text);
    if (good?.text === text) {
      this.#broken.delete(name);
      return [];
    }
    if (this.#broken.get(name)?.text === text) return [];
    const schedule: Result<Schedule, readonly Problem[]> = read.ok
      ? readSchedule(text, file)
      : err([{ field: "", message: text }]);
    if (!schedule.ok) {
      const broken = { name, file, problems: schedule.error };
      this.#broken.set(name, { ...broken, text });
      return [{ kind: "broken", text, ...broken }];
    }
    this.#good.set(name, { text, schedule: schedule.value });
    this.#broken.delete(name);
    const before = good?.schedule;
    const known = { name, text, schedule: schedule.value, writtenAt: stamp?.writtenAt ?? 0 };
    return [{ kind: "loaded", ...known, ...(before !== undefined && { before }) }];
  }

  /** What an earlier daemon knew goes on until the file says something else that can be used. */
  #recalled(name: string, file: string): Good | undefined {
    const text = this.#recall(name);
    const schedule = text === undefined ? undefined : readSchedule(text, file);
    if (text === undefined || schedule?.ok !== true) return undefined;
    const good = { text, schedule: schedule.value };
    this.#good.set(name, good);
    return good;
  }

  /** By name; those that editors hide are none. */
  #files(): Map<string, string> {
    const files = filesIn(this.directory, ".toml");
    const shown = files.filter((file) => /^[^.].*\.toml$/.test(path.basename(file)));
    return new Map(shown.map((file) => [path.basename(file, ".toml"), file]));
  }
}

/** What changes with every change of a file; undefined where it cannot be looked at. */
function stampOf(file: string): { readonly text: string; readonly writtenAt: number } | undefined {
  try {
    const { ino, size, mtimeNs, ctimeNs, mtimeMs } = statSync(file, { bigint: true });
    return { text: [ino, size, mtimeNs, ctimeNs].join(" "), writtenAt: Number(mtimeMs) };
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
