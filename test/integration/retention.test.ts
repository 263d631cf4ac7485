import {
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test, vi } from "vitest";
import { Rig } from "../support/rig.ts";
import { expectIntact, polling } from "./ledger.ts";

const long = 60_000;

/** Ends every run of the database so long ago, while no daemon runs on it. */
function age(rig: Rig, days: number): void {
  const database = new Database(rig.database);
  const by = days * 86_400_000;
  database.exec(`UPDATE runs SET created_at = created_at - ${String(by)},
    started_at = started_at - ${String(by)}, ended_at = ended_at - ${String(by)}`);
  database.close();
}

/** A rig without a daemon, whose only run of this command ended so long ago; and that run. */
async function agedRun(
  argv: readonly [string, ...string[]],
  days: number,
): Promise<{ rig: Rig; id: string }> {
  const rig = await Rig.start(polling);
  const id = await rig.submit(argv);
  await rig.finished(id);
  await rig.end("SIGTERM");
  age(rig, days);
  return { rig, id };
}

const directories = (rig: Rig): string[] => readdirSync(path.join(rig.stateDir, "runs")).sort();

describe("what is kept no longer", () => {
  test(
    "goes by itself after a start, and everybody is told so who asks for it",
    async () => {
      await using rig = await Rig.start(polling);
      const [old, pinned] = [
        await rig.submit(["echo", "old"]),
        await rig.submit(["echo", "pinned"]),
      ];
      await rig.finished(old);
      await rig.finished(pinned);
      expect(await rig.call("run.pin", { runs: [pinned] })).toStrictEqual({
        pinned: true,
        runs: [pinned],
      });
      await rig.event("run.pinned", pinned);
      await rig.end("SIGTERM");
      age(rig, 100);
      await rig.boot({ env: { BLUT_RETENTION_KEEP_LAST: "0" } });
      expect((await rig.event("gc.done")).facts).toMatchObject({ runs: 1, logs: 0 });
      const told = await rig.refusal("run.get", { run: old });
      expect(told).toMatchObject({ reason: "not-found" });
      expect(told.message).toMatch(
        new RegExp(
          `^${old} was collected on \\d{4}-\\d\\d-\\d\\d: it had ended longer ago than is kept$`,
        ),
      );
      expect(
        (await rig.refusal("run.log", { run: old.slice(0, 14), stream: "stdout" })).message,
      ).toBe(told.message);
      expect((await rig.refusal("run.retry", { runs: [old] })).message).toBe(told.message);
      const waits = { argv: ["true"] as [string], cwd: "/", env: {}, needs: [old] };
      expect((await rig.refusal("run.submit", waits)).message).toBe(told.message);
      expect(await rig.call("run.get", { run: pinned })).toMatchObject({ pinned: true });
      expect(await rig.output(pinned)).toBe("pinned\n");
      expect(directories(rig)).toStrictEqual([pinned]);
    },
    long,
  );

  test(
    "is nothing by its age while the clock is further than anybody saw it go, and gc says so",
    async () => {
      const { rig: aged } = await agedRun(["true"], 100);
      await using rig = aged;
      const database = new Database(rig.database);
      const seenAt = Date.now() - 100 * 86_400_000;
      const known =
        "INSERT OR REPLACE INTO settings (name, value_json) VALUES ('retention.clock', ?)";
      database.prepare(known).run(String(seenAt));
      database.close();
      await rig.boot({ env: { BLUT_RETENTION_KEEP_LAST: "0" } });
      const told = await rig.call("retention.collect", {});
      expect(told).toMatchObject({ runs: 0, logs: 0, left: { runs: 1 } });
      expect(told.clockLeptMs).toBeGreaterThan(99 * 86_400_000);
      expect(told.clockLeptMs).toBeLessThan(101 * 86_400_000);
      const asked = await rig.call("retention.collect", { olderThanMs: 86_400_000 });
      expect(asked).toMatchObject({ runs: 0, left: { runs: 1 } });
      expect(await rig.call("retention.collect", { keep: 0 })).toMatchObject({ runs: 1 });
    },
    long,
  );

  test(
    "of logs is said by whoever asks for them; the run and its figures stay",
    async () => {
      const { rig: aged, id } = await agedRun(["echo", "hello"], 40);
      await using rig = aged;
      await rig.boot({ env: { BLUT_RETENTION_KEEP_LAST: "0" } });
      expect((await rig.event("gc.done")).facts).toMatchObject({ runs: 0, logs: 1 });
      const refused = await rig.refusal("run.log", { run: id, stream: "stdout" });
      expect(refused.message).toMatch(
        /^the logs of run_.* were collected on .*longer ago than logs/,
      );
      const detail = await rig.call("run.get", { run: id });
      expect(detail).toMatchObject({ state: "succeeded" });
      expect(detail.logsCollectedAt).toBeGreaterThan(0);
      const again = await rig.call("run.retry", { runs: [id] });
      expect(await rig.finished(again.runs[0]?.id ?? "")).toMatchObject({ state: "succeeded" });
    },
    long,
  );

  test(
    "is what the dry run said, and nothing that must stay",
    async () => {
      await using rig = await Rig.start(polling);
      const held = await rig.hold("held");
      const needed = await rig.submit(["true"]);
      await rig.finished(needed);
      const waits = await rig.submit(["true"], { needs: [needed, held] });
      for (let n = 0; n < 6; n++) await rig.finished(await rig.submit(["true"]));
      // What has only just ended stays for a moment.
      const fresh = await rig.call("retention.collect", { dryRun: true, keep: 0 });
      expect(fresh.kept).toMatchObject([{ because: "just-ended", runs: 7 }]);
      await rig.end("SIGKILL");
      const database = new Database(rig.database);
      database.exec(
        "UPDATE runs SET ended_at = ended_at - 3600000, created_at = created_at - 3600000, started_at = started_at - 3600000 WHERE ended_at > 0",
      );
      database.close();
      await rig.boot();
      const wish = { keep: 4 };
      const dry = await rig.call("retention.collect", { ...wish, dryRun: true });
      expect(dry).toMatchObject({ dryRun: true, runs: 3, left: { runs: 4 } });
      expect(dry.kept).toMatchObject([{ because: "needed", examples: [needed] }]);
      expect((await rig.call("run.list", {})).runs).toHaveLength(9);
      expect(await rig.call("retention.collect", wish)).toStrictEqual({ ...dry, dryRun: false });
      expect((await rig.call("run.list", {})).runs).toHaveLength(6);
      rig.release("held");
      expect(await rig.finished(waits)).toMatchObject({
        state: "succeeded",
        needs: [held, needed],
      });
    },
    long,
  );

  test(
    "fault 1: kill -9 anywhere in a collection leaves nothing behind for good",
    async () => {
      await using rig = await Rig.start(polling);
      const seed = await rig.submit(["true"]);
      await rig.finished(seed);
      await rig.end("SIGTERM");
      const made = copies(rig, seed, 400);
      age(rig, 100);
      const env = { BLUT_RETENTION_KEEP_LAST: "0" };
      // Whatever it is doing then: marking rows, removing directories, or saying that they are gone.
      for (const most of [401, 350, 200]) {
        await rig.boot({ env });
        const collecting = rig.connection.call("retention.collect", {});
        await vi.waitUntil(() => directories(rig).length < most, { interval: 1, timeout: 20_000 });
        await rig.end("SIGKILL");
        await collecting;
        const left = new Database(rig.database, { readonly: true });
        const rows = new Set(left.prepare<[], string>("SELECT id FROM runs").pluck().all());
        const marks = "SELECT run_id FROM collected_runs WHERE going = 1";
        const going = new Set(left.prepare<[], string>(marks).pluck().all());
        left.close();
        // Every directory still has somebody who will see to it.
        const lost = directories(rig).filter((id) => !rows.has(id) && !going.has(id));
        expect(lost).toStrictEqual([]);
      }
      await rig.boot({ env });
      await rig.call("retention.collect", {});
      expect(directories(rig)).toStrictEqual([]);
      expect((await rig.call("run.list", {})).runs).toStrictEqual([]);
      expect((await rig.refusal("run.get", { run: made[7] ?? "" })).message).toMatch(
        /was collected/,
      );
      await rig.end("SIGTERM");
      expectIntact(rig);
    },
    long,
  );

  test(
    "and cannot be removed is told of once, while the rest goes",
    async () => {
      const { rig: aged, id: seed } = await agedRun(["true"], 100);
      await using rig = aged;
      // A directory that something is mounted on cannot be removed, not even by root.
      const stuck = path.join(rig.stateDir, "runs", seed, "main", "1", "mounted");
      const unshare = process.getuid?.() === 0 ? ["unshare", "-m"] : ["unshare", "-rm"];
      const mount = 'mkdir "$0" && mount -t tmpfs tmpfs "$0" && exec "$@"';
      const wrapper = [...unshare, "sh", "-c", mount, stuck];
      await rig.boot({ env: { BLUT_RETENTION_KEEP_LAST: "0" }, wrapper });
      const { facts } = await rig.event("gc.stuck");
      expect(facts).toMatchObject({ path: stuck, why: "EBUSY" });
      await rig.call("retention.collect", {});
      expect(rig.events.filter(({ kind }) => kind === "gc.stuck")).toHaveLength(1);
      await rig.end("SIGTERM");
      await rig.boot();
      await rig.call("retention.collect", {});
      expect(directories(rig)).toStrictEqual([]);
    },
    long,
  );

  test(
    "security 2: is never looked for behind a link",
    async () => {
      const { rig: aged, id } = await agedRun(["true"], 100);
      await using rig = aged;
      const outside = path.join(rig.directory, "outside");
      mkdirSync(path.join(outside, "main/1"), { recursive: true });
      writeFileSync(path.join(outside, "main/1/stdout.log"), "precious");
      symlinkSync(outside, path.join(rig.stateDir, "runs", id, "step"));
      symlinkSync(outside, path.join(rig.stateDir, "runs", "run_000000000000"));
      utimesSync(outside, 0, 0);
      await rig.boot({ env: { BLUT_RETENTION_KEEP_LAST: "0" } });
      await rig.event("gc.done");
      expect(existsSync(path.join(outside, "main/1/stdout.log"))).toBe(true);
      expect(directories(rig)).not.toContain(id);
    },
    long,
  );
});

/** So many more runs like this one, with a directory each, while no daemon runs; their ids. */
function copies(rig: Rig, seed: string, count: number): string[] {
  const database = new Database(rig.database);
  const columns = (table: string): string[] =>
    (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
  const copy = (table: string, as: Readonly<Record<string, string>>, where: string) => {
    const from = columns(table).map((name) => as[name] ?? name);
    return database.prepare(
      `INSERT INTO ${table} (${columns(table).join(", ")}) SELECT ${from.join(", ")} FROM ${table} WHERE ${where}`,
    );
  };
  const run = copy("runs", { id: "@id", dedupe_key: "NULL" }, "id = @seed");
  const step = copy("steps", { run_id: "@id" }, "run_id = @seed");
  const ids = Array.from({ length: count }, (_, n) => `run_0${String(n).padStart(11, "0")}`);
  database.transaction(() => {
    for (const id of ids) {
      run.run({ id, seed });
      step.run({ id, seed });
    }
  })();
  database.close();
  for (const id of ids) {
    const directory = path.join(rig.stateDir, "runs", id, "main/1");
    mkdirSync(directory, { recursive: true });
    for (const file of ["stdout.log", "stderr.log", "context.json"]) {
      writeFileSync(path.join(directory, file), "x");
    }
  }
  return ids;
}
