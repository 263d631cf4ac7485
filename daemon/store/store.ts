import type { Database } from "better-sqlite3";
import type { Clock } from "../base/clock.ts";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import { ArtifactsTable } from "./artifacts.ts";
import { AttemptsTable } from "./attempts.ts";
import { BoxMinutesTable } from "./box-minutes.ts";
import { CacheTable } from "./cache.ts";
import { CalibrationsTable } from "./calibrations.ts";
import { examineDatabase, openDatabase } from "./database.ts";
import { EventsTable } from "./events.ts";
import { FileDigestsTable } from "./file-digests.ts";
import { GroupCommit } from "./group-commit.ts";
import { findDamage } from "./integrity.ts";
import { LineageLeftovers } from "./lineage-leftovers.ts";
import { LineageTable } from "./lineage.ts";
import { MemoryCurvesTable } from "./memory-curves.ts";
import { readMigrations, type Migration } from "./migrate.ts";
import { NoticesTable } from "./notices.ts";
import { ReadyTable } from "./ready.ts";
import { ReportsTable } from "./reports.ts";
import { ReservationsTable } from "./reservations.ts";
import { RetentionTable } from "./retention.ts";
import { RunsTable } from "./runs.ts";
import { ScheduleFilesTable } from "./schedule-files.ts";
import { SchedulesTable } from "./schedules.ts";
import { SettingsTable } from "./settings.ts";
import { StepsTable } from "./steps.ts";
import { TotalsTable } from "./totals.ts";
import { WaitsTable } from "./waits.ts";

/** What a test may put in place of the program's own. */
export interface StoreParts {
  readonly migrations?: readonly Migration[];
  readonly sqliteVersion?: string;
}

/**
 * Everything blut must not forget: one SQLite file, one connection. Reads are plain calls and see what is
 * committed, or inside a change what that change did so far. Every write goes through {@link write}.
 */
export class Store {
  readonly runs: RunsTable;
  readonly waits: WaitsTable;
  readonly steps: StepsTable;
  readonly ready: ReadyTable;
  readonly attempts: AttemptsTable;
  readonly memoryCurves: MemoryCurvesTable;
  readonly boxMinutes: BoxMinutesTable;
  readonly reservations: ReservationsTable;
  readonly calibrations: CalibrationsTable;
  readonly artifacts: ArtifactsTable;
  readonly cache: CacheTable;
  readonly fileDigests: FileDigestsTable;
  readonly lineage: LineageTable;
  readonly lineageLeftovers: LineageLeftovers;
  readonly events: EventsTable;
  readonly schedules: SchedulesTable;
  readonly scheduleFiles: ScheduleFilesTable;
  readonly reports: ReportsTable;
  readonly retention: RetentionTable;
  readonly settings: SettingsTable;
  readonly notices: NoticesTable;
  readonly totals: TotalsTable;
  readonly #database: Database;
  readonly #commits: GroupCommit;

  /** What a quick look finds in the database at `file`, which no store of this process has open. */
  static examine(file: string, clock: Clock): ReturnType<typeof examineDatabase> {
    return examineDatabase(file, clock, readMigrations());
  }

  private constructor(database: Database) {
    this.#database = database;
    this.#commits = new GroupCommit(database);
    this.runs = new RunsTable(database);
    this.waits = new WaitsTable(database);
    this.steps = new StepsTable(database);
    this.ready = new ReadyTable(database);
    this.attempts = new AttemptsTable(database);
    this.memoryCurves = new MemoryCurvesTable(database);
    this.boxMinutes = new BoxMinutesTable(database);
    this.reservations = new ReservationsTable(database);
    this.calibrations = new CalibrationsTable(database);
    this.artifacts = new ArtifactsTable(database);
    this.cache = new CacheTable(database);
    this.fileDigests = new FileDigestsTable(database);
    this.lineageLeftovers = new LineageLeftovers(database);
    this.lineage = new LineageTable(database);
    this.events = new EventsTable(database);
    this.schedules = new SchedulesTable(database);
    this.scheduleFiles = new ScheduleFilesTable(database);
    this.reports = new ReportsTable(database);
    this.retention = new RetentionTable(database);
    this.settings = new SettingsTable(database);
    this.notices = new NoticesTable(database);
    this.totals = new TotalsTable(database);
  }

  /**
   * Opens the database at `file` (absolute; its directory exists, 0700), makes or migrates it. Refuses
   * with `sqlite-unsafe`, `database-newer`, `database-corrupt`, `state-in-use` (locked), `storage-full`
   * or `storage-failed`.
   */
  static open(file: string, clock: Clock, parts: StoreParts = {}): Result<Store, Failure> {
    const { migrations = readMigrations(), sqliteVersion } = parts;
    const opened = openDatabase(file, clock, migrations, sqliteVersion);
    return opened.ok ? ok(new Store(opened.value)) : opened;
  }

  /**
   * Runs `change`, synchronously and soon, in a transaction that it may share with others; resolves once
   * that is on disk. An err rolls back this change alone; a throw does too, and rejects: it is a bug.
   * `storage-full` and `state-in-use` mean that nothing was kept and it may be tried again;
   * `storage-failed` and `database-corrupt` that nothing will ever be written again.
   */
  write<T>(change: () => Result<T, Failure>): Promise<Result<T, Failure>> {
    return this.#commits.write(change);
  }

  /**
   * Only inside a change: calls back once that change is on disk, before its `write` resolves. Dropped
   * when the change is rolled back.
   */
  afterCommit(callback: () => void): void {
    this.#commits.afterCommit(callback);
  }

  /** Tells once, when the disk failed and the store stopped writing for good. Reads go on. */
  onBroken(listener: (failure: Failure) => void): void {
    this.#commits.onBroken(listener);
  }

  /** Why the last commit did not happen; undefined once one has. */
  get trouble(): Failure | undefined {
    return this.#commits.trouble;
  }

  /** Pages of the database's file, and how many of them hold nothing. */
  get pages(): { readonly all: number; readonly free: number } {
    const count = (what: string): number => Number(this.#database.pragma(what, { simple: true }));
    return { all: count("page_count"), free: count("freelist_count") };
  }

  /** Only inside a change: gives so many free pages back to the disk. */
  giveBack(pages: number): void {
    this.#database.pragma(`incremental_vacuum(${pages})`);
  }

  /** Version of the SQLite library that is in use. */
  get sqliteVersion(): string {
    return String(this.#database.prepare("SELECT sqlite_version()").pluck().get());
  }

  /** What a quick look for damage finds now; undefined when it finds none. */
  damage(clock: Clock): string | undefined {
    return findDamage(this.#database, clock);
  }

  /** Commits what is queued and closes. Using the store afterwards is a bug. */
  close(): void {
    this.#commits.flush();
    this.#database.close();
  }
}
