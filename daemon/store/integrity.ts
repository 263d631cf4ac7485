import type { Database } from "better-sqlite3";
import type { Clock } from "../base/clock.ts";

/** 'blut' in ASCII, as the first migration sets it. */
const applicationId = 0x626c7574;
/** How long the check may look; a database too large for that is checked as far as it gets. */
const budgetMs = 250;
/** What a start depends on first; the tables that only ever grow come last. */
const order = [
  "settings",
  "counts",
  "reservations",
  "ready_steps",
  "run_waits",
  "calibrations",
  "plans",
  "attempts",
  "steps",
  "runs",
  "environments",
  "events",
];

/**
 * Looks for damage, at a price that does not grow with the database: its identity, that every page is
 * there, then the pages and CHECKs of table after table, the vital ones first, until time is up.
 * Gives what it found, or undefined. Throws SQLite's errors.
 */
export function findDamage(database: Database, clock: Clock): string | undefined {
  if (database.pragma("application_id", { simple: true }) !== applicationId) {
    return "it is an SQLite database, but not one of blut's";
  }
  const startedAtMs = clock.monotonic();
  for (const table of tablesOf(database)) {
    if (clock.monotonic() - startedAtMs > budgetMs) return undefined;
    const found = database.pragma(`quick_check('${table}')`, { simple: true });
    if (found !== "ok") return `table ${table}: ${String(found)}`;
  }
  return undefined;
}

function tablesOf(database: Database): string[] {
  const rows = database
    .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all();
  const names = rows.map(({ name }) => name).filter((name) => /^[a-z_]+$/.test(name));
  const known = order.filter((name) => names.includes(name));
  return [...known, ...names.filter((name) => !order.includes(name))];
}
