import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../daemon/base/clock.ts";
import { Store } from "../../daemon/store/store.ts";
import { scratchDirectory } from "../daemon/store/support/scratch.ts";
import { Rig } from "../support/rig.ts";

const databases = path.join(import.meta.dirname, "../data/databases");
const migrations = path.join(import.meta.dirname, "../../daemon/store/migrations");
const releases = globSync(`${databases}/*.db.gz`).map((file) => path.basename(file, ".db.gz"));

test("a migration that was released is never changed", () => {
  const frozen = readFileSync(path.join(databases, "frozen.json"), "utf8");
  for (const [name, digest] of Object.entries(JSON.parse(frozen) as Record<string, string>)) {
    const text = readFileSync(path.join(migrations, name));
    expect(createHash("sha256").update(text).digest("hex"), name).toBe(digest);
  }
});

describe.each(releases)("a database of %s", (release) => {
  /** Puts it where a daemon looks for its own. */
  function thaw(file: string): void {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const text = gunzipSync(readFileSync(path.join(databases, `${release}.db.gz`)));
    writeFileSync(file, text, { mode: 0o600 });
  }

  /** What a database is made of, in the words of SQLite. */
  function schemaOf(file: string): unknown[] {
    const store = Store.open(file, systemClock);
    if (!store.ok) throw new Error(store.error.message);
    store.value.close();
    const database = new Database(file, { readonly: true });
    expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
    const all = database.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2").all();
    database.close();
    return all;
  }

  test("becomes what a new one is", () => {
    const old = path.join(scratchDirectory(), "blut.db");
    thaw(old);
    expect(schemaOf(old)).toEqual(schemaOf(path.join(scratchDirectory(), "blut.db")));
  });

  test("is gone on with: nothing that was accepted is lost, and everything can be told", async () => {
    await using rig = Rig.prepare({ containment: "polling", flags: ["--budget", "600M"] });
    thaw(rig.database);
    await rig.boot();
    const { runs } = await rig.call("run.list", { limit: 100 });
    const named = (name: string) => runs.find((run) => run.name === name)?.id ?? "";
    expect(runs.map(({ name }) => name).sort()).toEqual(
      "bad bad cached cancelled good grown held ticking waits whole".split(" "),
    );
    expect(await rig.call("run.get", { run: named("good") })).toMatchObject({
      ...{ state: "succeeded", pinned: true },
      history: [{ outcome: { cause: "succeeded" } }],
    });
    const causes = (await rig.call("run.get", { run: named("grown") })).history.map(
      ({ outcome }) => outcome?.cause,
    );
    expect(causes.at(0)).toBe("out-of-memory");
    expect(causes.at(-1)).toBe("succeeded");
    const { steps } = await rig.call("run.get", { run: named("cached") });
    expect(steps.find(({ name }) => name === "split")?.cachedFrom).toBe(named("whole"));
    expect((await rig.call("daemon.status", {})).hold).toMatchObject({ reason: "frozen" });
    expect((await rig.call("calibration.list", {})).calibrations.length).toBeGreaterThan(3);
    const told = await rig.call("report.get", { sinceAt: 0 });
    expect(told.runs).toMatchObject({ succeeded: 3, failed: 4, cancelled: 1 });

    // What ran is of another boot, and its program is not here: it is lost, tried again, and ends.
    await rig.call("daemon.resume", {});
    expect((await rig.finished(named("held"))).state).toBe("failed");
    expect(await rig.finished(named("waits"))).toMatchObject({ state: "failed", exitCode: 123 });
  });
});
