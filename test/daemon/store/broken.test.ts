import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { openStore } from "./support/scratch.ts";

test("fault 8: a store that broke before anybody listened says so to whoever listens then", async () => {
  const store = openStore();
  const failed = await store.write(() => {
    throw new Database.SqliteError("disk I/O error", "SQLITE_IOERR_FSYNC");
  });
  expect(failed).toMatchObject({ ok: false, error: { reason: "storage-failed" } });
  const broken: string[] = [];
  store.onBroken(({ reason }) => broken.push(reason));
  expect(broken).toStrictEqual(["storage-failed"]);
});
