import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MethodResult } from "../../../daemon/protocol/methods.ts";
import { ClientRig } from "../../support/client-rig.ts";

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

type Traced = MethodResult<"lineage.trace">;
type Row = Traced["rows"][number];

const digest = (word: string): string => word.repeat(64).slice(0, 64);
const by = (step: string, more: Partial<NonNullable<Row["by"]>> = {}): NonNullable<Row["by"]> => ({
  runId: "run_01j9x2c3d4e5",
  step,
  ...more,
});
const row = (depth: number, more: Partial<Row> = {}): Row => ({
  depth,
  isLast: true,
  kind: "table",
  others: 0,
  isSeen: false,
  ...more,
});
const traced = (...rows: Row[]): Traced => ({
  artifact: digest("e1"),
  direction: "up",
  rows,
  more: false,
});

const diamond = traced(
  row(0, {
    artifact: digest("e1"),
    kind: "report",
    by: by("report", { git: { commit: "0123456789abcdef", isDirty: true } }),
  }),
  row(1, { isLast: false, input: "one", artifact: digest("b1"), kind: "model", by: by("gbt") }),
  row(2, {
    input: "data",
    artifact: digest("d1"),
    by: by("prepare", { cachedFrom: "run_01j9x2c3d4e0" }),
    others: 1,
  }),
  row(3, { input: "raw", artifact: digest("a0"), path: "/data/x.csv" }),
  row(1, { input: "two", artifact: digest("b2"), kind: "model", by: by("mlp") }),
  row(2, { input: "data", artifact: digest("d1"), by: by("prepare"), isSeen: true }),
);

describe("lineage trace", () => {
  test("draws the tree, a line for each artifact", async () => {
    const daemon = await rig.daemon({ "lineage.trace": () => diamond });
    const { stdout, code } = await rig.run(["lineage", "trace", "e1e1"], { COLUMNS: "110" });
    expect(stdout).toBe(
      [
        "e1e1e1e1e1e1 report by report of run_01j9x2c3d4e5 at 01234567+",
        "├─ one: b1b1b1b1b1b1 model by gbt of run_01j9x2c3d4e5",
        "│  └─ data: d1d1d1d1d1d1 table by prepare of run_01j9x2c3d4e5 (reused from run_01j9x2c3d4e0) (and 1 other)",
        "│     └─ raw: a0a0a0a0a0a0 table from /data/x.csv",
        "└─ two: b2b2b2b2b2b2 model by mlp of run_01j9x2c3d4e5",
        "   └─ data: d1d1d1d1d1d1 table (shown above)",
        "",
      ].join("\n"),
    );
    expect(code).toBe(0);
    expect(daemon.calls).toMatchObject([{ params: { artifact: "e1e1" } }]);
  });

  test("what is shown above already is one line for all siblings that say so", async () => {
    const leaf = (word: string, more: Partial<Row> = {}): Row =>
      row(1, { isLast: false, input: "data", artifact: digest(word), ...more });
    const again = [leaf("b1", { isSeen: true }), leaf("b2", { isSeen: true })];
    const tree = traced(
      row(0, { artifact: digest("a0"), path: "/x" }),
      ...[leaf("b1", { by: by("one") }), row(2, { artifact: digest("c1"), by: by("end") })],
      ...[leaf("b2", { by: by("two") }), row(2, { artifact: digest("c2"), by: by("end") })],
      ...again,
      ...again,
      leaf("b2", { isSeen: true, isLast: true }),
    );
    await rig.daemon({ "lineage.trace": () => ({ ...tree, direction: "down" }) });
    const { stdout } = await rig.run(["lineage", "trace", "a0a0", "--down"]);
    expect(stdout).toBe(
      [
        "a0a0a0a0a0a0 table from /x",
        "├─ data: b1b1b1b1b1b1 table by one of run_01j9x2c3d4e5",
        "│  └─ c1c1c1c1c1c1 table by end of run_01j9x2c3d4e5",
        "├─ data: b2b2b2b2b2b2 table by two of run_01j9x2c3d4e5",
        "│  └─ c2c2c2c2c2c2 table by end of run_01j9x2c3d4e5",
        "├─ data: b1b1b1b1b1b1 table (shown above, 2 times)",
        "└─ data: b2b2b2b2b2b2 table (shown above, 3 times)",
        "",
      ].join("\n"),
    );
  });

  test("fits 80 columns, however deep and however long its names", async () => {
    const deep = Array.from({ length: 200 }, (_, depth) =>
      row(depth, { input: "x".repeat(60), artifact: digest("b1"), by: by("y".repeat(60)) }),
    );
    await rig.daemon({ "lineage.trace": () => traced(...deep) });
    const { stdout } = await rig.run(["lineage", "trace", "b1b1"]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(200);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[199]).toMatch(/^199: /);
  });

  test("is drawn in ASCII where the terminal knows no more", async () => {
    await rig.daemon({ "lineage.trace": () => diamond });
    const { stdout } = await rig.run(["lineage", "trace", "e1e1"], { LANG: "C" });
    expect(stdout).toMatch(/^[\n -~]*$/);
    expect(stdout).toContain("\n|  `- data: d1d1d1d1d1d1");
  });

  test("security: names of a run cannot act on the terminal", async () => {
    const evil = row(0, { artifact: digest("b1"), by: by("\u001b]0;owned\u0007") });
    await rig.daemon({ "lineage.trace": () => traced(evil) });
    const { stdout } = await rig.run(["lineage", "trace", "b1b1", "--color", "always"]);
    expect(stdout).toContain("\\x1b]0;owned\\x07");
  });

  test("--down asks for what was made of it; one without says so", async () => {
    const daemon = await rig.daemon({
      "lineage.trace": () => ({ ...traced(row(0, { artifact: digest("b1") })), direction: "down" }),
    });
    const { stdout } = await rig.run(["lineage", "trace", "b1b1", "--down", "--limit", "7"]);
    expect(daemon.calls).toMatchObject([{ params: { direction: "down", limit: 7 } }]);
    expect(stdout).toContain("Nothing that was made of it is on record.");
  });

  test("--json is the answer as the wire has it", async () => {
    await rig.daemon({ "lineage.trace": () => diamond });
    const { stdout } = await rig.run(["lineage", "trace", "e1e1", "--json"]);
    expect(JSON.parse(stdout)).toEqual(diamond);
  });

  test("exits with 119 when nothing matches", async () => {
    await rig.daemon({
      "lineage.trace": () => ({
        reason: "not-found",
        message: "no step read or wrote it",
        remedy: "look elsewhere",
        retryable: false,
      }),
    });
    expect(await rig.run(["lineage", "trace", "beef"])).toMatchObject({ code: 119, stdout: "" });
  });
});

describe("lineage diff", () => {
  const compared: MethodResult<"lineage.diff"> = {
    from: { id: "run_01j9x2c3d4e5", name: "digits" },
    to: { id: "run_01j9x2c3d4e6", name: "digits" },
    steps: [
      {
        step: "train",
        changes: [
          { facet: "args", name: "epochs", from: 5, to: 9 },
          { facet: "code", name: "digest", from: digest("c0"), to: digest("c1") },
          { facet: "env", name: "SEED", to: "7" },
          { facet: "memory", name: "limit", from: 512 * 1024 ** 2, to: 1024 ** 3 },
          { facet: "time", name: "wall", from: 61_000, to: 90_000 },
        ],
      },
      { step: "plot", only: "to", changes: [] },
    ],
    same: 3,
    more: false,
  };

  test("shows only what differs, a table for each step", async () => {
    const daemon = await rig.daemon({ "lineage.diff": () => compared });
    const { stdout } = await rig.run(["lineage", "diff", "last", "digits"]);
    expect(stdout).toBe(
      [
        "run_01j9x2c3d4e5 (digits) against run_01j9x2c3d4e6 (digits)",
        "",
        "Only in run_01j9x2c3d4e6: plot",
        "",
        "train",
        "FACET   WHAT    FROM          TO",
        "args    epochs  5             9",
        "code    digest  c0c0c0c0c0c0  c1c1c1c1c1c1",
        "env     SEED    -             7",
        "memory  limit   512M          1G",
        "time    wall    1m1s          1m30s",
        "",
        "3 steps the same.",
        "",
      ].join("\n"),
    );
    expect(daemon.calls).toMatchObject([{ params: { from: "last", to: "digits" } }]);
  });

  test("says when nothing does", async () => {
    await rig.daemon({ "lineage.diff": () => ({ ...compared, steps: [], same: 1 }) });
    const { stdout } = await rig.run(["lineage", "diff", "a", "b"]);
    expect(stdout).toBe("Nothing differs in 1 step.\n");
  });
});

describe("lineage reindex", () => {
  const counts = { runs: 2, steps: 5, reads: 4, writes: 3, problems: 0 };

  test("tells what was found, and what was none of ours", async () => {
    await rig.daemon({ "lineage.reindex": () => ({ ...counts, problems: 2 }) });
    const { stdout } = await rig.run(["lineage", "reindex"]);
    expect(stdout).toBe(
      "2 runs: 5 steps, 4 reads, 3 writes\n2 lines were none of blut's and were left out\n",
    );
  });

  test("is quiet when told to be", async () => {
    await rig.daemon({ "lineage.reindex": () => counts });
    expect(await rig.run(["lineage", "reindex", "--quiet"])).toMatchObject({ code: 0, stdout: "" });
  });
});
