import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import Database from "better-sqlite3";
import type { BlutEvent } from "../../daemon/domain/event.ts";
import type { MethodResult, Params } from "../../daemon/protocol/methods.ts";
import { Rig } from "../support/rig.ts";
import { polling } from "./ledger.ts";

type Plan = Extract<Params<"run.submit">, { plan: unknown }>["plan"];
type Row = MethodResult<"lineage.trace">["rows"][number];

const out = { own: "out" } as const;
const sh = (script: string): [string, string, string, string, [typeof out]] => [
  "sh",
  "-c",
  script,
  "sh",
  [out],
];
const table = { kind: "table", files: [] };

/** split cuts a file into a list, each counts one of its parts, report adds the counts up. */
function wordPlan(rig: Rig, report: string): Plan {
  const cwd = rig.directory;
  const use = { cwd, cache: "use" } as const;
  const [words, parts, counts] = ["words", "parts", "counts"].map((input) => [{ input }]);
  return {
    steps: [
      {
        ...use,
        name: "split",
        argv: ["sh", "-c", 'cd "$2" && split -l 1 "$1" part-', "sh", words ?? "", [out]],
        inputs: { words: { kind: "text", from: { path: path.join(cwd, "words.txt") } } },
        output: { kind: "list<text>", files: [] },
      },
      {
        ...use,
        name: "count",
        argv: ["sh", "-c", 'wc -c < "$1" > "$2/n"', "sh", parts ?? "", [out]],
        inputs: { parts: { kind: "list<text>", from: { step: "split" } } },
        map: "parts",
        output: table,
      },
      {
        ...use,
        name: "report",
        argv: ["sh", "-c", `cat "$1"/*/n > "$2/all"; ${report}`, "sh", counts ?? "", [out]],
        args: { report },
        env: { MODE: report, SECRET_TOKEN: "sssh" },
        inputs: { counts: { kind: "list<table>", from: { step: "count" } } },
        output: table,
      },
    ],
  };
}

async function submitPlan(rig: Rig, plan: Plan): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
  const { id } = await rig.call("run.submit", { plan, env });
  await rig.finished(id);
  return id;
}

const drawn = (rows: readonly Row[]): string[] =>
  rows.map(
    ({ depth, input, by, path: from, isSeen }) =>
      `${"  ".repeat(depth)}${input ?? ""}<${by?.step ?? (from === undefined ? "?" : path.basename(from))}` +
      `${by?.cachedFrom === undefined ? "" : " reused"}${isSeen ? " above" : ""}`,
  );

/** The artifact of the step `report`, once the run's own file has it. */
async function reportOf(rig: Rig, id: string): Promise<string> {
  await mirrored(rig, id);
  const lines = linesOf(rig, id, "lineage.jsonl") as {
    step: string;
    write: { artifact: string };
  }[];
  return lines.find(({ step }) => step === "report")?.write.artifact ?? "";
}

function linesOf(rig: Rig, id: string, name: string): unknown[] {
  const file = path.join(rig.stateDir, "runs", id, name);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
  return lines.map((line) => JSON.parse(line) as unknown);
}

/** Everything that events.list has of a run. */
async function eventsOf(rig: Rig, id: string): Promise<BlutEvent[]> {
  const { events } = await rig.call("events.list", { limit: 1000 });
  return (events as BlutEvent[]).filter(({ runId }) => runId === id);
}

/** Waits until the mirror has caught up with the log. */
async function mirrored(rig: Rig, id: string): Promise<void> {
  const told = (await eventsOf(rig, id)).length;
  await vi.waitUntil(() => linesOf(rig, id, "status.jsonl").length >= told, 10_000);
}

describe("lineage", () => {
  test("of a plan with a fan-out is traced both ways, reused, compared and made again", async () => {
    await using rig = await Rig.start(polling);
    writeFileSync(path.join(rig.directory, "words.txt"), "a\nbb\n");
    execFileSync("sh", [
      "-c",
      'cd "$0" && git init -q -b main && git -c user.name=A -c user.email=a@b add words.txt && ' +
        "git -c user.name=A -c user.email=a@b commit -qm words",
      rig.directory,
    ]);
    const first = await submitPlan(rig, wordPlan(rig, "true"));
    const report = await reportOf(rig, first);

    const up = await rig.call("lineage.trace", { artifact: report.slice(0, 12) });
    expect(drawn(up.rows)).toEqual([
      "<report",
      "  counts<count",
      "    count.0<count.0",
      "      parts<split",
      "        words<words.txt",
      "    count.1<count.1",
      "      parts<split above",
    ]);
    expect(up.rows[0]?.by?.git).toMatchObject({ branch: "main", isDirty: false });
    const words = up.rows.find(({ path: from }) => from !== undefined)?.artifact ?? "";
    const down = await rig.call("lineage.trace", { artifact: words, direction: "down" });
    expect(drawn(down.rows)).toEqual([
      "<?",
      "  words<split",
      "    parts<count.0",
      "      count.0<count",
      "        counts<report",
      "    parts<count.1",
      "      count.1<count above",
    ]);

    const second = await submitPlan(rig, wordPlan(rig, ":"));
    const again = await rig.call("lineage.trace", { artifact: await reportOf(rig, second) });
    expect(drawn(again.rows).slice(0, 4)).toEqual([
      "<report",
      "  counts<count",
      "    count.0<count.0 reused",
      "      parts<split reused",
    ]);

    const { steps, same } = await rig.call("lineage.diff", { from: first, to: second });
    const changes = Object.fromEntries(
      steps.map(({ step, changes: each }) => [step, each.map((c) => `${c.facet} ${c.name}`)]),
    );
    expect(changes).toEqual({
      report: expect.arrayContaining(["args command", "args report", "env MODE"]) as string[],
    });
    expect(JSON.stringify(steps)).not.toContain("sssh");
    expect(same).toBe(4);

    await rig.end("SIGTERM");
    const rows = (): unknown[] => {
      const database = new Database(rig.database);
      const all = ["lineage_reads", "lineage_writes"].map((name) =>
        database.prepare(`SELECT * FROM ${name} ORDER BY 1, 2, 3`).all(),
      );
      database.close();
      return all;
    };
    const before = rows();
    const database = new Database(rig.database);
    database.exec("DELETE FROM lineage_reads; DELETE FROM lineage_writes");
    database.close();
    await rig.boot();
    expect(await rig.refusal("lineage.trace", { artifact: report })).toMatchObject({
      reason: "not-found",
    });
    const reindexed = await rig.call("lineage.reindex", {});
    expect(reindexed).toMatchObject({ runs: 2, problems: 0 });
    await rig.end("SIGTERM");
    expect(rows()).toEqual(before);
  });

  test("of a single step is in its file too, and an attempt taken over keeps where it started", async () => {
    await using rig = await Rig.start(polling);
    const go = path.join(rig.directory, "go");
    const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", PYTHONHASHSEED: "7" };
    const script = `until [ -e ${go} ]; do sleep 0.05; done; echo x > "$1/x"`;
    const step = { name: "main", argv: sh(script), cwd: rig.directory, output: table };
    const { id } = await rig.call("run.submit", { plan: { steps: [step] }, env });
    await rig.event("attempt.started", id);
    await rig.crash();
    writeFileSync(go, "");
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded", attempts: 1 });
    await mirrored(rig, id);
    expect(linesOf(rig, id, "lineage.jsonl")).toMatchObject([
      {
        step: "main",
        write: {
          kind: "table",
          facts: {
            environment: { PYTHONHASHSEED: "7" },
            host: { kernel: expect.any(String) as string },
            attempts: [{ outcome: { cause: "succeeded" } }],
          },
        },
      },
    ]);
  });
});

describe("status.jsonl", () => {
  test("fault 4: has exactly the events of its run, through kill -9 and runs whose files were removed", async () => {
    await using rig = await Rig.start(polling);
    const held = await rig.hold("held");
    await rig.event("attempt.started", held);
    await rig.crash();
    const quick = await rig.submit(["true"]);
    await rig.finished(quick);
    rig.release("held");
    await rig.finished(held);
    for (const id of [held, quick]) {
      await mirrored(rig, id);
      expect(linesOf(rig, id, "status.jsonl")).toEqual(await eventsOf(rig, id));
    }
    rmSync(path.join(rig.stateDir, "runs", quick), { recursive: true });
    const later = await rig.submit(["true"]);
    await rig.finished(later);
    await mirrored(rig, later);
    expect(linesOf(rig, later, "status.jsonl")).toEqual(await eventsOf(rig, later));
  });
});
