import { appendFileSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import { EventLog } from "../../../daemon/events/event-log.ts";
import { RunFiles } from "../../../daemon/events/run-files.ts";
import { lineageLines } from "../../../daemon/lineage/lines.ts";
import { reindexLineage } from "../../../daemon/lineage/reindex.ts";
import { keep, runId, unwrap } from "../store/support/rows.ts";
import { openStore, scratchDirectory } from "../store/support/scratch.ts";
import { LineageBed, read } from "./bed.ts";

const origin = {
  git: { commit: "0".repeat(40), branch: "main", isDirty: true },
  host: {
    name: "box",
    cpu: "a CPU",
    cores: 2,
    memoryBytes: 100,
    gpus: [{ name: "A100", vramBytes: 5 }],
    os: "Debian",
    kernel: "6.1",
    systemd: "252",
    drivers: { nvidia: "550" },
    node: "24",
    blut: "1",
  },
  environment: { PATH: "/bin" },
};

/** Two runs with everything that may be known of a step, and their files. */
async function recorded() {
  const bed = new LineageBed();
  const { store } = bed;
  const runsDir = join(scratchDirectory(), "runs");
  const events = new EventLog(store, systemClock, { keep: 1000 });
  const lineage = lineageLines.bind(undefined, store);
  const warn = (): void => undefined;
  const files = new RunFiles({ store, events, clock: systemClock, runsDir, lineage, warn });
  files.start();
  onTestFinished(() => files.stop());
  const tell = (n: number, step: string, kind: "step.succeeded" | "step.cached" | "step.failed") =>
    keep(store, () => {
      events.append(kind, { runId: runId(n), facts: { step } });
    });
  await bed.run(1, { name: "prepare", args: { x: [1, null, "y"] } }, { name: "train" });
  await bed.record(1, "prepare", [read("raw", "a0", "/data/x.csv")], "d1", { origin, code: "c0" });
  await tell(1, "prepare", "step.succeeded");
  await bed.record(1, "train", [read("data", "d1", "prepare")], "b1", {
    metrics: { loss: "NaN", acc: 1 },
  });
  await tell(1, "train", "step.succeeded");
  await bed.run(2, { name: "prepare" }, { name: "train" });
  await bed.record(2, "prepare", [read("raw", "a0", "/data/x.csv")], "d1", {
    cachedFrom: runId(1),
  });
  await tell(2, "prepare", "step.cached");
  await bed.record(2, "train", [read("data", "d1", "prepare")]);
  await tell(2, "train", "step.failed");
  await bed.run(3, { name: "main" });
  await bed.record(3, "main", [read("data", "d1")], "e1");
  await keep(store, () => {
    events.append("run.succeeded", { runId: runId(3) });
  });
  await files.flush();
  return { bed, store, runsDir };
}

/** Both tables, row by row. */
function tables(file: string): unknown[] {
  const database = new Database(file, { readonly: true });
  try {
    return ["lineage_reads", "lineage_writes"].map((table) =>
      database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`).all(),
    );
  } finally {
    database.close();
  }
}

it("the tables are made again from the runs' own files, row for row", async () => {
  const { store, runsDir } = await recorded();
  const file = join(scratchDirectory(), "lost.db");
  const lost = openStore(file);
  expect(unwrap(await reindexLineage(lost, runsDir))).toEqual({
    runs: 3,
    steps: 5,
    reads: 5,
    writes: 4,
    problems: 0,
  });
  for (const n of [1, 2, 3]) {
    expect(lost.lineage.writesOfRun(runId(n))).toEqual(store.lineage.writesOfRun(runId(n)));
    for (const step of ["prepare", "train", "main"]) {
      const place = { runId: runId(n), step };
      expect(lost.lineage.readsOf(place)).toEqual(store.lineage.readsOf(place));
    }
  }
  const once = tables(file);
  await reindexLineage(lost, runsDir);
  expect(tables(file)).toEqual(once);
});

it("what is none of our lines is counted and left out", async () => {
  const { runsDir } = await recorded();
  const path = join(runsDir, runId(1), "lineage.jsonl");
  const [line = ""] = readFileSync(path, "utf8").split("\n");
  const stranger = line.replace(runId(1), runId(9));
  const later = line.replace('"isDirty":true', '"isDirty":7');
  appendFileSync(
    path,
    `\nnull\n{"version":1}\n${stranger}\n${later}\n${"x".repeat(5 * 1024 ** 2)}\n{"ver`,
  );
  const reindexed = unwrap(await reindexLineage(openStore(), runsDir));
  expect(reindexed).toMatchObject({ runs: 3, steps: 5, problems: 6 });
});

it("security: a link in the file's place is not read", async () => {
  const { runsDir } = await recorded();
  const trap = scratchDirectory();
  mkdirSync(join(trap, runId(1)));
  const file = join(runId(1), "lineage.jsonl");
  symlinkSync(join(runsDir, file), join(trap, file));
  expect(unwrap(await reindexLineage(openStore(), trap))).toMatchObject({ runs: 0, steps: 0 });
});
