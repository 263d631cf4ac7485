/*
 * Makes the fixture of a release: a database in which everything has happened once, by a real daemon.
 *
 *     npm run guest -- node test/data/databases/freeze.ts
 *
 * It is made once, when the release is, and never again: whatever is changed later has to read it.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import Database from "better-sqlite3";
import type { PlanSpec } from "../../../daemon/protocol/schemas/plan.ts";
import { Rig } from "../../support/rig.ts";

const here = import.meta.dirname;
const root = join(here, "../../..");
const mib = 1024 ** 2;
const directory = join(tmpdir(), "blut-frozen");
rmSync(directory, { recursive: true, force: true });
mkdirSync(join(directory, "schedules"), { recursive: true });
const rig = await Rig.start({
  ...{ containment: "systemd", directory, flags: ["--budget", "600M"] },
  env: { BLUT_NOTIFY_COMMAND: "true", BLUT_NOTIFY_INTERVAL: "1s" },
});

const good = await rig.submit(["sh", "-c", "echo good; sleep 5"], { name: "good" });
const bad = await rig.submit(["sh", "-c", "exit 3"], { name: "bad", retries: 1 });
const grown = await rig.stage("grow-memory", [100], { name: "grown", memory: { firstBytes: 48 * mib } });
for (const id of [good, bad, grown]) await rig.finished(id);
await rig.call("run.retry", { runs: [bad] });
await rig.call("run.pin", { runs: [good] });
await rig.call("calibration.set", { key: "by-hand", bytes: 64 * mib });

const list = { kind: "list<text>" };
const plan: PlanSpec = {
  steps: [
    {
      ...{ name: "split", cwd: directory, cache: "use", output: list },
      argv: ["sh", "-c", 'cd "$BLUT_OUT" && echo a >a && echo b >b'],
    },
    {
      ...{ name: "each", cwd: directory, cache: "use", map: "word", output: { kind: "text" } },
      argv: ["sh", "-c", 'cp "$0" "$BLUT_OUT/word"', [{ input: "word" }]],
      inputs: { word: { kind: list.kind, from: { step: "split" } } },
    },
    { name: "fails", cwd: directory, needs: ["each"], argv: ["false"] },
    { name: "skipped", cwd: directory, needs: ["fails"], argv: ["true"] },
  ],
};
const env = { PATH: "/usr/bin:/bin" };
for (const name of ["whole", "cached"]) {
  await rig.finished((await rig.call("run.submit", { plan, env, name })).id);
}

const schedule = 'command = ["true"]\nevery = "1s"\n';
writeFileSync(join(directory, "schedules/ticking.toml"), schedule);
await rig.event("schedule.fired");
await rig.call("schedule.disable", { name: "ticking" });

const held = await rig.hold("held", { name: "held" });
await rig.says(held, "holding");
await rig.submit(["true"], { name: "waits", needs: [held] });
const cancelled = await rig.submit(["true"], { name: "cancelled", after: [held] });
await rig.call("run.cancel", { runs: [cancelled], reason: "no longer wanted" });
await rig.call("daemon.pause", { reason: "frozen" });
await rig.end("SIGKILL");
rig.release("held");

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string;
};
const whole = join(directory, "whole.db");
const database = new Database(rig.database);
database.prepare("VACUUM INTO ?").run(whole);
database.close();
writeFileSync(join(here, `${version}.db.gz`), gzipSync(readFileSync(whole), { level: 9 }));
const migration = "000001_first.sql";
const sql = readFileSync(join(root, "daemon/store/migrations", migration));
const digest = createHash("sha256").update(sql).digest("hex");
writeFileSync(join(here, "frozen.json"), `${JSON.stringify({ [migration]: digest }, null, 2)}\n`);
await rig[Symbol.asyncDispose]();
