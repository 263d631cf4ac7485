import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import { isSafeSqlite } from "../../../daemon/store/sqlite-version.ts";
import { Store } from "../../../daemon/store/store.ts";
import { failureOf } from "./support/rows.ts";
import { scratchDirectory } from "./support/scratch.ts";

test.each([
  ["3.51.3", true],
  ["3.51.10", true],
  ["3.52.0", true],
  ["3.100.0", true],
  ["4.0.0", true],
  ["3.50.7", true],
  ["3.44.6", true],
  ["3.51.2", false],
  ["3.50.6", false],
  ["3.49.9", false],
  ["3.45.0", false],
  ["3.44.5", false],
  ["3.40.1", false],
  ["3.7.0", false],
  ["", false],
  ["unknown", false],
])("fault 11: SQLite %s is safe: %s", (version, safe) => {
  expect(isSafeSqlite(version)).toBe(safe);
});

test("fault 11: a SQLite inside the WAL-reset range is refused, and no file is made", () => {
  const file = join(scratchDirectory(), "blut.db");
  const refusal = failureOf(Store.open(file, systemClock, { sqliteVersion: "3.40.1" }));
  expect(refusal.reason).toBe("sqlite-unsafe");
  expect(refusal.message).toContain("3.40.1");
  expect(refusal.remedy).toContain("3.51.3");
  expect(existsSync(file)).toBe(false);
});
