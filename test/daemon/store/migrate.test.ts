import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import { readMigrations } from "../../../daemon/store/migrate.ts";
import { Store } from "../../../daemon/store/store.ts";
import { runChild, straceCommand } from "./support/child.ts";
import { aRun, failureOf, insertReadyRun, keep, unwrap } from "./support/rows.ts";
import { openStore, scratchDirectory } from "./support/scratch.ts";
import { secondMigration } from "./support/second-migration.ts";

const newest = readMigrations().length;
const migrations = [...readMigrations(), secondMigration];
const migrator = fileURLToPath(new URL("support/migrator.ts", import.meta.url));

/** A closed database of the newest version with 100 runs. */
async function oldDatabase(): Promise<string> {
  const file = join(scratchDirectory(), "blut.db");
  const store = unwrap(Store.open(file, systemClock));
  await keep(store, () => {
    for (let n = 1; n <= 100; n++) insertReadyRun(store, aRun(n));
  });
  store.close();
  return file;
}

function inspect(file: string) {
  const database = new Database(file, { readonly: true });
  const seen = {
    version: database.pragma("user_version", { simple: true }),
    integrity: database.pragma("integrity_check", { simple: true }),
    names: database.prepare("SELECT DISTINCT name FROM runs").pluck().all(),
    runs: database.prepare("SELECT count(*) FROM runs").pluck().get(),
  };
  database.close();
  return seen;
}

const untouched = { version: newest, integrity: "ok", names: ["train"], runs: 100 };
const moved = { version: newest + 1, integrity: "ok", names: ["moved-train"], runs: 100 };

describe("a migration", () => {
  test("brings an old database to the newest version and keeps a private copy of the old one", async () => {
    const file = await oldDatabase();
    openStore(file, { migrations });
    expect(inspect(file)).toStrictEqual(moved);
    const backup = `${file}.v${newest}-backup`;
    expect(inspect(backup)).toStrictEqual(untouched);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
  });

  test("is not run twice, and a database that is up to date is not copied", async () => {
    const file = await oldDatabase();
    openStore(file).close();
    expect(existsSync(`${file}.v${newest}-backup`)).toBe(false);
    expect(inspect(file)).toStrictEqual(untouched);
  });

  test("that fails leaves the old version whole, and its failure is a bug", async () => {
    const file = await oldDatabase();
    const wrong = { version: newest + 1, sql: "DELETE FROM ready_steps; SELECT nonsense" };
    expect(() =>
      Store.open(file, systemClock, { migrations: [...readMigrations(), wrong] }),
    ).toThrow(/nonsense/);
    expect(inspect(file)).toStrictEqual(untouched);
  });

  test("that leaves a reference dangling is a bug, and leaves the old version whole", async () => {
    const file = await oldDatabase();
    const wrong = { version: newest + 1, sql: "DELETE FROM plans" };
    expect(() =>
      Store.open(file, systemClock, { migrations: [...readMigrations(), wrong] }),
    ).toThrow(/dangling/);
    expect(inspect(file)).toStrictEqual(untouched);
  });

  test("is found by its number; a gap in the numbers is a bug", () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, "000001_first.sql"), "SELECT 1");
    writeFileSync(join(directory, "000003_third.sql"), "SELECT 3");
    expect(() => readMigrations(pathToFileURL(`${directory}/`))).toThrow(/000003_third/);
  });
});

test("fault 10: a newer database is refused, naming both versions, and left as it is", async () => {
  const file = await oldDatabase();
  unwrap(Store.open(file, systemClock, { migrations })).close();
  const before = readFileSync(file);
  const refusal = failureOf(Store.open(file, systemClock));
  expect(refusal.reason).toBe("database-newer");
  expect(refusal.message).toContain(`version ${newest + 1}`);
  expect(refusal.message).toContain(`up to ${newest}`);
  expect(refusal.remedy).toContain("backup");
  expect(readFileSync(file).equals(before)).toBe(true);
});

test("fault 10: a kill at any write of a migration leaves the old version or the new one, whole", async () => {
  const results = new Set<unknown>();
  for (const when of [1, 2, 5, 20, 60, 100, 140, 200, 300, 1000]) {
    const file = await oldDatabase();
    const { lines } = await runChild(
      [
        ...straceCommand,
        ...["-e", "trace=pwrite64", "-e", `inject=pwrite64:signal=KILL:when=${when}`],
        ...[process.execPath, migrator, file],
      ],
      undefined,
    ).done;
    const seen = inspect(file);
    results.add(seen.version);
    expect(seen, `killed at write ${when}`).toStrictEqual(
      seen.version === newest ? untouched : moved,
    );
    if (lines.includes("migrated")) expect(seen.version).toBe(newest + 1);
    unwrap(Store.open(file, systemClock, { migrations })).close();
    expect(inspect(file)).toStrictEqual(moved);
  }
  expect(results).toStrictEqual(new Set([newest, newest + 1]));
}, 120_000);
