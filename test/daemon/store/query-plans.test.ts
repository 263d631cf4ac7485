import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { ArtifactsTable } from "../../../daemon/store/artifacts.ts";
import { AttemptsTable } from "../../../daemon/store/attempts.ts";
import { BoxMinutesTable } from "../../../daemon/store/box-minutes.ts";
import { CacheTable } from "../../../daemon/store/cache.ts";
import { EventsTable } from "../../../daemon/store/events.ts";
import { FileDigestsTable } from "../../../daemon/store/file-digests.ts";
import { LineageLeftovers } from "../../../daemon/store/lineage-leftovers.ts";
import { LineageTable } from "../../../daemon/store/lineage.ts";
import { MemoryCurvesTable } from "../../../daemon/store/memory-curves.ts";
import { migrate, readMigrations } from "../../../daemon/store/migrate.ts";
import { NoticesTable } from "../../../daemon/store/notices.ts";
import { ReadyTable } from "../../../daemon/store/ready.ts";
import { ReportsTable } from "../../../daemon/store/reports.ts";
import { RetentionTable } from "../../../daemon/store/retention.ts";
import { RunsTable } from "../../../daemon/store/runs.ts";
import { ScheduleFilesTable } from "../../../daemon/store/schedule-files.ts";
import { SchedulesTable } from "../../../daemon/store/schedules.ts";
import { StepsTable } from "../../../daemon/store/steps.ts";
import { TotalsTable } from "../../../daemon/store/totals.ts";
import { WaitsTable } from "../../../daemon/store/waits.ts";

/** Walks along an index that are no scan of the table, each with what bounds it. */
const boundedWalks: Readonly<Record<string, string>> = {
  ready_steps_order: "the queue in its order, ended by LIMIT",
  failing_names_by_age: "some ten thousand names at most",
  runs_pinned: "a partial index: pinned runs only",
  runs_unweighed: "a partial index: those that ended since retention looked, and a LIMIT",
  attempts_one_live: "a partial index: live attempts only",
  schedules_paused: "a partial index, ended by LIMIT",
};

/** Tables that are small by their nature, and what a question itself makes. */
const bounded = ["counts", "totals", "notices", "CONSTANT", "later"];

/** Every statement that the tables that grow prepare. */
function statements(): { database: Database.Database; sources: readonly string[] } {
  const database = new Database(":memory:");
  migrate(database, readMigrations());
  const sources: string[] = [];
  const prepare = database.prepare.bind(database);
  Object.defineProperty(database, "prepare", {
    value: (source: string) => {
      sources.push(source);
      return prepare(source);
    },
  });
  for (const Table of [
    RunsTable,
    WaitsTable,
    StepsTable,
    ReadyTable,
    AttemptsTable,
    MemoryCurvesTable,
    BoxMinutesTable,
    EventsTable,
    LineageTable,
    ArtifactsTable,
    CacheTable,
    FileDigestsTable,
    SchedulesTable,
    ScheduleFilesTable,
    ReportsTable,
    NoticesTable,
    TotalsTable,
    RetentionTable,
    LineageLeftovers,
  ]) {
    new Table(database);
  }
  return { database, sources };
}

function planOf(database: Database.Database, source: string): string[] {
  const named = [...source.matchAll(/@(\w+)/g)].map(([, name = ""]) => [name, null] as const);
  const inOrder = [...source.matchAll(/\?/g)].map(() => null);
  return database
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${source}`)
    .all(...(named.length > 0 ? [Object.fromEntries(named)] : inOrder))
    .map(({ detail }) => detail);
}

describe("no question reads a whole table that grows", () => {
  const { database, sources } = statements();

  test.each(sources)("%j", (source) => {
    for (const step of planOf(database, source)) {
      const [, table, index] = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(step) ?? [];
      if (table === undefined || bounded.includes(table)) continue;
      expect(boundedWalks, step).toHaveProperty([index ?? "none"]);
    }
  });

  test.each(sources)("nor sorts what it found: %j", (source) => {
    expect(planOf(database, source).filter((step) => step.includes("TEMP B-TREE"))).toStrictEqual(
      [],
    );
  });
});

test("attempts that have not ended are found without a look at those that have", () => {
  const { database, sources } = statements();
  const asked = sources.filter((source) => /^SELECT .* FROM attempts .*<> 'ended'/s.test(source));
  const plans = asked.map((source) => planOf(database, source).join("\n"));
  expect(plans.length).toBeGreaterThan(1);
  for (const plan of plans) expect(plan).toContain("attempts_one_live");
});

test("every index is used by a question, or keeps a promise or a deletion cheap", () => {
  const { database, sources } = statements();
  const plans = sources.flatMap((source) => planOf(database, source)).join("\n");
  const unused = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
    .pluck()
    .all()
    .filter((name) => !plans.includes(name));
  expect(unused).toStrictEqual(["runs_by_environment", "runs_by_plan"]);
});
