import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
  closeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import { Store } from "../../../daemon/store/store.ts";
import { runWriter } from "./support/child.ts";
import { aRun, failureOf, insertReadyRun, keep, runId, unwrap } from "./support/rows.ts";
import { openStore, scratchDirectory } from "./support/scratch.ts";

/** A closed database with 300 runs. */
async function filledDatabase(): Promise<string> {
  const file = join(scratchDirectory(), "blut.db");
  const store = unwrap(Store.open(file, systemClock));
  await keep(store, () => {
    for (let n = 1; n <= 300; n++) {
      insertReadyRun(store, aRun(n, { name: `train-${n}`, dedupeKey: `nightly-${n}` }));
      store.events.append({ at: n, kind: "run.queued", runId: runId(n), facts: {} });
    }
  });
  store.close();
  return file;
}

/**
 * Every file beside a database, by a digest. The -shm is SQLite's scratch memory, and a reader may add a
 * WAL of no bytes; both say nothing.
 */
function contents(file: string): Record<string, string> {
  const directory = dirname(file);
  const names = readdirSync(directory)
    .filter((name) => !name.endsWith("-shm"))
    .filter((name) => !name.endsWith("-wal") || statSync(join(directory, name)).size > 0);
  return Object.fromEntries(
    names.map((name) => {
      const bytes = readFileSync(join(directory, name));
      return [name, createHash("sha256").update(bytes).digest("hex")];
    }),
  );
}

function overwrite(file: string, position: number, bytes: Buffer): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, bytes, 0, bytes.length, position);
  closeSync(descriptor);
}

function expectCorrupt(file: string): void {
  const before = contents(file);
  const refusal = failureOf(Store.open(file, systemClock));
  expect(refusal.reason).toBe("database-corrupt");
  expect(refusal.message).toContain(file);
  expect(refusal.remedy).toContain(".recover");
  expect(refusal.retryable).toBe(false);
  expect(contents(file)).toStrictEqual(before);
}

describe("a new database", () => {
  test("is only its owner's, the WAL too", async () => {
    const file = join(scratchDirectory(), "blut.db");
    const store = openStore(file);
    await keep(store, () => {
      insertReadyRun(store, aRun(1));
    });
    for (const name of [file, `${file}-wal`, `${file}-shm`]) {
      expect(statSync(name).mode & 0o777, name).toBe(0o600);
    }
  });

  test("is not confused by a half one that a dead blutd left", () => {
    const file = join(scratchDirectory(), "blut.db");
    writeFileSync(`${file}.new`, "half");
    openStore(file);
    expect(readdirSync(dirname(file)).filter((name) => name.includes(".new"))).toStrictEqual([]);
  });

  test("in a directory that is not there is storage-failed", () => {
    const file = join(scratchDirectory(), "none", "blut.db");
    expect(failureOf(Store.open(file, systemClock)).reason).toBe("storage-failed");
  });
});

test("a database that others may read is closed to them at open", async () => {
  const file = await filledDatabase();
  const loose = join(scratchDirectory(), "loose.db");
  writeFileSync(loose, readFileSync(file), { mode: 0o644 });
  openStore(loose);
  expect(statSync(loose).mode & 0o777).toBe(0o600);
});

test("a database that another process has locked is state-in-use", async () => {
  const file = await filledDatabase();
  const other = new Database(file);
  other.pragma("locking_mode = EXCLUSIVE");
  other.exec("BEGIN EXCLUSIVE; COMMIT");
  const { stderr } = await runWriter(file, { count: 0 }).done;
  other.close();
  expect(stderr).toContain("state-in-use");
});

describe("fault 9: a database that cannot be trusted is refused, told how to repair, and left as it is", () => {
  test("empty", async () => {
    const file = await filledDatabase();
    truncateSync(file, 0);
    expectCorrupt(file);
  });

  test.each([1, 100, 4096, 8192 + 17])("cut to %i bytes", async (bytes) => {
    const file = await filledDatabase();
    truncateSync(file, bytes);
    expectCorrupt(file);
  });

  test("one page short", async () => {
    const file = await filledDatabase();
    truncateSync(file, statSync(file).size - 4096);
    expectCorrupt(file);
  });

  test("zeroed header", async () => {
    const file = await filledDatabase();
    overwrite(file, 0, Buffer.alloc(100));
    expectCorrupt(file);
  });

  test("header of another program's database", async () => {
    const file = await filledDatabase();
    const foreign = new Database(file);
    foreign.pragma("application_id = 1");
    foreign.close();
    expectCorrupt(file);
  });

  test("not a database at all", () => {
    const file = join(scratchDirectory(), "blut.db");
    writeFileSync(file, "Dear diary, ".repeat(1000));
    expectCorrupt(file);
  });

  test("gone, with its WAL still there", async () => {
    const file = await filledDatabase();
    const store = unwrap(Store.open(file, systemClock));
    await keep(store, () => {
      insertReadyRun(store, aRun(301));
    });
    const lonely = join(scratchDirectory(), "blut.db");
    copyFileSync(`${file}-wal`, `${lonely}-wal`);
    store.close();
    expectCorrupt(lonely);
    expect(existsSync(lonely)).toBe(false);
  });

  test("the head of any page overwritten, with rows in the WAL", async () => {
    const file = await filledDatabase();
    const store = unwrap(Store.open(file, systemClock));
    await keep(store, () => {
      insertReadyRun(store, aRun(301));
    });
    const directory = scratchDirectory();
    for (let page = 0; page < statSync(file).size / 4096; page++) {
      mkdirSync(join(directory, String(page)));
      const copy = join(directory, String(page), "blut.db");
      copyFileSync(file, copy);
      if (page % 2 === 1) copyFileSync(`${file}-wal`, `${copy}-wal`);
      overwrite(copy, page * 4096 + (page === 0 ? 100 : 0), Buffer.alloc(64, 0xa5));
      const before = contents(copy);
      const opened = Store.open(copy, systemClock);
      // A page that the WAL holds anew is not read from the database, and was not lost.
      if (opened.ok) {
        expect(opened.value.runs.list({ limit: 1000 }), `page ${page}`).toHaveLength(
          page % 2 === 1 ? 301 : 300,
        );
        opened.value.close();
      } else {
        expect(opened.error.reason, `page ${page}`).toBe("database-corrupt");
        expect(contents(copy), `page ${page}`).toStrictEqual(before);
      }
    }
    store.close();
  });
});

test("fault 9: a WAL cut in the middle opens with the commits that are whole", async () => {
  const file = join(scratchDirectory(), "blut.db");
  const store = openStore(file);
  for (let n = 1; n <= 20; n++) {
    await keep(store, () => {
      insertReadyRun(store, aRun(n));
    });
  }
  const copy = join(scratchDirectory(), "blut.db");
  copyFileSync(file, copy);
  copyFileSync(`${file}-wal`, `${copy}-wal`);
  truncateSync(`${copy}-wal`, Math.floor(statSync(`${copy}-wal`).size / 2));
  const cut = openStore(copy);
  const rows = cut.runs.list({ limit: 100 });
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.length).toBeLessThan(20);
  expect(cut.ready.count()).toBe(rows.length);
  expect(cut.runs.counts().queued).toBe(rows.length);
});

test("fault 6: a copy of the database and its WAL, taken between commits, opens whole", async () => {
  const file = join(scratchDirectory(), "blut.db");
  const store = openStore(file);
  for (let n = 1; n <= 5; n++) {
    await keep(store, () => {
      insertReadyRun(store, aRun(n));
    });
    const copy = join(scratchDirectory(), "blut.db");
    copyFileSync(file, copy);
    copyFileSync(`${file}-wal`, `${copy}-wal`);
    expect(openStore(copy).runs.list({ limit: 10 })).toHaveLength(n);
  }
});
