import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { failure } from "../../../daemon/domain/failure.ts";
import { err, ok } from "../../../daemon/domain/result.ts";
import { GroupCommit } from "../../../daemon/store/group-commit.ts";
import { scratchDirectory } from "./support/scratch.ts";

const refused = failure("wrong-state", "no", "none");

/** A group commit over a table of numbers, with a count of the transactions that SQLite ran. */
function numbers() {
  const executed: string[] = [];
  const database = new Database(join(scratchDirectory(), "numbers.db"), {
    verbose: (sql) => executed.push(String(sql)),
  });
  onTestFinished(() => {
    database.close();
  });
  database.pragma("journal_mode = WAL");
  database.pragma("wal_autocheckpoint = 0");
  database.exec("CREATE TABLE numbers (n INTEGER PRIMARY KEY, filler TEXT)");
  const commits = new GroupCommit(database);
  const insert = database.prepare<[number, string?]>("INSERT INTO numbers VALUES (?, ?)");
  const all = database.prepare<[], number>("SELECT n FROM numbers ORDER BY n").pluck();
  return {
    database,
    commits,
    insert: (n: number, filler = "") => insert.run(n, filler),
    all: () => all.all(),
    count: (word: string) => executed.filter((sql) => sql === word).length,
  };
}

describe("a write", () => {
  test("that arrives with others shares their transaction", async () => {
    const { commits, insert, all, count } = numbers();
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        commits.write(() => {
          insert(n);
          return ok(n);
        }),
      ),
    );
    expect(results).toStrictEqual(Array.from({ length: 100 }, (_, n) => ok(n)));
    expect(all()).toHaveLength(100);
    expect(count("COMMIT")).toBe(1);
  });

  test("that arrives while a long queue is committed waits for the next group", async () => {
    const { commits, insert, all, count } = numbers();
    const writes = Array.from({ length: 1100 }, (_, n) =>
      commits.write(() => {
        insert(n);
        return ok(undefined);
      }),
    );
    await Promise.all(writes);
    expect(all()).toHaveLength(1100);
    expect(count("COMMIT")).toBe(3);
  });

  test("is on disk, for anybody to see, when it resolves", async () => {
    const { database, commits, insert } = numbers();
    const other = new Database(database.name, { readonly: true });
    await commits.write(() => ok(insert(7)));
    expect(other.prepare("SELECT n FROM numbers").pluck().all()).toStrictEqual([7]);
    other.close();
  });

  test("sees what changes before it in the group did", async () => {
    const { commits, insert, all } = numbers();
    const [, seen] = await Promise.all([
      commits.write(() => ok(insert(1))),
      commits.write(() => ok(all())),
    ]);
    expect(seen).toStrictEqual(ok([1]));
  });

  test("asked for inside a change is a change of its own, later", async () => {
    const { commits, insert, all, count } = numbers();
    let inner: Promise<unknown> | undefined;
    await commits.write(() => {
      insert(1);
      inner = commits.write(() => ok(insert(2)));
      return ok(undefined);
    });
    expect(all()).toStrictEqual([1]);
    await inner;
    expect(all()).toStrictEqual([1, 2]);
    expect(count("COMMIT")).toBe(2);
  });
});

describe("a change that fails", () => {
  test("with an err takes back its own rows and nobody else's", async () => {
    const { commits, insert, all } = numbers();
    const results = await Promise.all([
      commits.write(() => ok(insert(1).changes)),
      commits.write(() => {
        insert(2);
        return err(refused);
      }),
      commits.write(() => ok(insert(3).changes)),
    ]);
    expect(results).toStrictEqual([ok(1), err(refused), ok(1)]);
    expect(all()).toStrictEqual([1, 3]);
  });

  test("with a throw rejects its own write, and the others are kept", async () => {
    const { commits, insert, all } = numbers();
    const results = await Promise.allSettled([
      commits.write(() => ok(insert(1).changes)),
      commits.write(() => {
        insert(2);
        throw new Error("a bug");
      }),
      commits.write(() => ok(insert(1).changes)),
      commits.write(() => ok(insert(3).changes)),
    ]);
    expect(results.map(({ status }) => status)).toStrictEqual([
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    expect(all()).toStrictEqual([1, 3]);
  });

  test("gives the same name back when it is tried again", async () => {
    const { commits, insert, all } = numbers();
    for (let round = 0; round < 3; round++) {
      await commits.write(() => {
        insert(9);
        return err(refused);
      });
    }
    expect(all()).toStrictEqual([]);
  });
});

describe("after the commit", () => {
  test("callbacks run in the order of the changes, before their writes resolve", async () => {
    const { commits, insert, all, database } = numbers();
    const log: string[] = [];
    const write = async (n: number) => {
      await commits.write(() => {
        insert(n);
        for (const part of ["a", "b"]) {
          commits.afterCommit(() => {
            log.push(`${n}${part} ${all().length} ${String(database.inTransaction)}`);
          });
        }
        return ok(undefined);
      });
      log.push(`${n} resolved`);
    };
    await Promise.all([write(1), write(2)]);
    expect(log).toStrictEqual([
      "1a 2 false",
      "1b 2 false",
      "2a 2 false",
      "2b 2 false",
      "1 resolved",
      "2 resolved",
    ]);
  });

  test("callbacks of a change that was rolled back are dropped", async () => {
    const { commits } = numbers();
    const log: string[] = [];
    await commits.write(() => {
      commits.afterCommit(() => log.push("never"));
      return err(refused);
    });
    await commits
      .write(() => {
        commits.afterCommit(() => log.push("never"));
        throw new Error("a bug");
      })
      .catch(() => undefined);
    expect(log).toStrictEqual([]);
  });

  test("a callback that throws rejects its own write alone, which is kept", async () => {
    const { commits, insert, all } = numbers();
    const results = await Promise.allSettled([
      commits.write(() => {
        commits.afterCommit(() => {
          throw new Error("a bug");
        });
        return ok(insert(1));
      }),
      commits.write(() => ok(insert(2))),
    ]);
    expect(results.map(({ status }) => status)).toStrictEqual(["rejected", "fulfilled"]);
    expect(all()).toStrictEqual([1, 2]);
  });

  test("outside a change there is nothing to wait for: that is a bug", () => {
    const { commits } = numbers();
    expect(() => {
      commits.afterCommit(() => undefined);
    }).toThrow(/outside a change/);
  });
});

describe("fault 7: a database that may not grow", () => {
  test("answers everybody in the group with storage-full, keeps nothing, and heals", async () => {
    const { database, commits, insert, all } = numbers();
    await commits.write(() => ok(insert(1)));
    const broken: string[] = [];
    commits.onBroken(({ reason }) => broken.push(reason));
    database.pragma("max_page_count = 4");
    const results = await Promise.all([
      commits.write(() => ok(insert(2))),
      commits.write(() => ok(insert(3, "x".repeat(100_000)))),
      commits.write(() => err(refused)),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({
        ok: false,
        error: { reason: "storage-full", retryable: true },
      });
    }
    expect(all()).toStrictEqual([1]);
    database.pragma("max_page_count = 100000");
    expect(await commits.write(() => ok(insert(3, "x".repeat(100_000)).changes))).toStrictEqual(
      ok(1),
    );
    expect(all()).toStrictEqual([1, 3]);
    expect(broken).toStrictEqual([]);
  });
});

test("a lock that somebody else holds is state-in-use, and passes", async () => {
  const { database, commits, insert, all } = numbers();
  database.pragma("busy_timeout = 0");
  const other = new Database(database.name);
  other.exec("BEGIN IMMEDIATE");
  expect(await commits.write(() => ok(insert(1)))).toMatchObject({
    ok: false,
    error: { reason: "state-in-use", retryable: true },
  });
  other.exec("ROLLBACK");
  other.close();
  await commits.write(() => ok(insert(1)));
  expect(all()).toStrictEqual([1]);
});

test("the WAL goes into the database once it is long", async () => {
  const { database, commits, insert } = numbers();
  for (let n = 0; n < 30; n++) await commits.write(() => ok(insert(n, "x".repeat(200_000))));
  const [wal] = database.pragma("wal_checkpoint(NOOP)") as { checkpointed: number; log: number }[];
  expect(wal?.log).toBeLessThan(1100);
});
