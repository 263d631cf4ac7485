import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MethodResult } from "../../../daemon/protocol/methods.ts";
import { ClientRig } from "../../support/client-rig.ts";
import { aDetail, aQueuedRun, aRun, aStatus, gib, mib } from "../../support/wire-facts.ts";

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

const cLocale = { LANG: "C" };
const wait = {
  reason: "memory-budget",
  message: "it needs 16 GiB and 12 GiB of the budget are free",
  unblocks: "It starts when encode ends.",
} as const;

function widest(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}

describe("runs", () => {
  test("is an aligned table that fits 80 columns", async () => {
    await rig.daemon({
      "run.list": () => ({
        runs: [
          aQueuedRun({ name: "a-name-that-is-longer-than-any-column-has-room-for" }),
          aRun({ id: "run_01j9x2c3d4e6", attempts: 3 }),
          aRun({
            id: "run_01j9x2c3d4e7",
            state: "failed",
            end: {
              kind: "footprint-exceeds-host",
              step: "main",
              neededBytes: 40 * gib,
              ceilingBytes: 20 * gib,
            },
          }),
        ],
        more: false,
      }),
    });
    const { stdout } = await rig.run(["runs"]);
    expect(stdout).toBe(
      [
        "ID                NAME          STATE      TIME  PEAK/LIMIT  TRIES  END",
        "run_01j9x2c3d4e5  a-name-that…  queued     1m5s",
        "run_01j9x2c3d4e6  encode        succeeded  1m5s     812M/1G      3  exit 0",
        "run_01j9x2c3d4e7  encode        failed     1m5s     812M/1G         footprint-e…",
        "",
      ].join("\n"),
    );
  });

  test("fits 80 columns with every column in use", async () => {
    const end = { kind: "needed-run-failed", runId: "run_1" } as const;
    const row = aRun({ name: "x".repeat(60), attempts: 12, priority: -1000, end });
    await rig.daemon({ "run.list": () => ({ runs: [row], more: false }) });
    const { stdout } = await rig.run(["runs"]);
    expect(widest(stdout)).toBeLessThanOrEqual(80);
  });

  test("with room shows age and command as well", async () => {
    await rig.daemon({ "run.list": () => ({ runs: [aRun()], more: false }) });
    const { stdout } = await rig.run(["runs"], { COLUMNS: "130" });
    expect(stdout).toContain("COMMAND");
    expect(stdout).toContain("./encode.sh big.wav");
  });

  test("without any says what to do next", async () => {
    await rig.daemon({ "run.list": () => ({ runs: [], more: false }) });
    expect((await rig.run(["jobs"])).stdout).toBe(
      "No runs. Queue one with `blutctl submit -- COMMAND`.\n",
    );
  });

  test("--json is the answer as the wire has it", async () => {
    const answer = { runs: [aRun()], more: true };
    await rig.daemon({ "run.list": () => answer });
    expect(JSON.parse((await rig.run(["runs", "--json"])).stdout)).toEqual(answer);
  });

  test("colours come when asked for, and only then", async () => {
    await rig.daemon({ "run.list": () => ({ runs: [aRun()], more: false }) });
    expect((await rig.run(["runs", "--color", "always"], { NO_COLOR: "1" })).stdout).toContain(
      "\u001b[",
    );
    expect((await rig.run(["runs"])).stdout).not.toContain("\u001b[");
  });
});

describe("status", () => {
  const status = aStatus({
    counts: { queued: 3, running: 1, ended: 9 },
    running: [aRun({ state: "running", usedBytes: 512 * mib })],
    waiting: [{ ...aQueuedRun({ id: "run_01j9x2c3d4e8", name: "simulate" }), wait }],
    recent: [aRun({ id: "run_01j9x2c3d4e9" })],
    hold: { mode: "drain", reason: "kernel upgrade", since: Date.now() },
  });

  test("a bare command shows the box, what runs, what waits and why, in blocks", async () => {
    await rig.daemon({ "daemon.status": () => status });
    const { code, stdout } = await rig.run([]);
    expect(code).toBe(0);
    expect(stdout).toContain("████████▒▒▒▒░░░░░░░░░░░░░░░░░░ 12 GiB free of 20 GiB");
    expect(stdout).toMatch(
      /DRAINING since [\d:]+: kernel upgrade\nStart work again with `blutctl resume`/,
    );
    expect(stdout).toContain("Running 1\n");
    expect(stdout).toContain("██████░░░░░░     512M/1G");
    expect(stdout).toContain("and 2 more: blutctl runs --state queued");
    expect(stdout).toContain("First in line: it needs 16 GiB and 12 GiB of the budget are free.");
    expect(widest(stdout)).toBeLessThanOrEqual(80);
  });

  test("in the C locale is plain ASCII", async () => {
    await rig.daemon({ "daemon.status": () => status });
    const { stdout } = await rig.run(["status"], cLocale);
    expect(stdout).toContain("[########====..................] 12 GiB free of 20 GiB");
    expect(stdout).toMatch(/^[\n -~]*$/);
    expect(widest(stdout)).toBeLessThanOrEqual(82);
  });

  test("of an idle box says what to do next", async () => {
    await rig.daemon({ "daemon.status": () => aStatus() });
    expect((await rig.run([])).stdout).toContain("Nothing has run yet. Queue a command with");
  });
});

const noMetrics: MethodResult<"run.metrics"> = {
  id: "run_01j9x2c3d4e5",
  attempts: [],
  more: false,
};
const point = (value: number) => ({ at: value, value });

describe("show", () => {
  test("is a card with every attempt and how it ended", async () => {
    await rig.daemon({ "run.get": () => aDetail(), "run.metrics": () => noMetrics });
    const { stdout } = await rig.run(["show", "last"]);
    expect(stdout).toContain("run_01j9x2c3d4e5  encode\nsucceeded at attempt 2\n");
    expect(stdout).toContain("memory     ████████████████░░░░ peak 812 MiB of 1 GiB\n");
    expect(stdout).toContain("limit      1 GiB: it was killed at 512 MiB, so it gets twice that\n");
    expect(stdout).toContain(
      [
        "Attempts",
        "TRY  LIMIT    PEAK  CACHED  TIME  CPU  HOW IT ENDED",
        "  1   512M  >=510M      2M    5s       out of memory at its limit of 512 MiB",
        "  2     1G    812M    188M    1m  55s  succeeded",
        "",
      ].join("\n"),
    );
  });

  test("security 7: nothing that a run brings acts on the terminal", async () => {
    const evil = "x\u001b]0;t\u0007\r\n\u202e";
    const detail = aDetail({ name: evil, command: evil, sentence: evil, dedupeKey: evil });
    const series = { name: evil, count: 2, last: 1, min: 0, max: 1, points: [point(0), point(1)] };
    const attempt = {
      step: evil,
      number: 1,
      state: "running",
      file: "/x",
      isPartial: false,
    } as const;
    const progress = { done: 1, message: evil };
    const attempts = [{ ...attempt, progress, series: [series] }];
    const metrics = { ...noMetrics, attempts };
    await rig.daemon({ "run.get": () => detail, "run.metrics": () => metrics });
    const { stdout } = await rig.run(["show", "last"]);
    expect(stdout).toContain("▁█");
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe("explain", () => {
  test("says where the limit is from, what it waits for and who holds what", async () => {
    const daemon = await rig.daemon({
      "run.explain": () => ({
        id: "run_01j9x2c3d4e5",
        state: "queued",
        sentence: "waits for memory",
        step: "train",
        limit: { bytes: gib, origin: { kind: "default" }, sentence: "1 GiB: the default" },
        calibration: { key: "k", killedAt: { bytes: gib, runId: "run_1", at: 1 } },
        wait,
        ahead: 2,
        budget: {
          totalBytes: 4 * gib,
          reservedBytes: 2 * gib,
          availableBytes: 3 * gib,
          reserveBytes: gib,
        },
        holders: [{ runId: "run_2", name: "train", limitBytes: 2 * gib, usedBytes: gib }],
      }),
    });
    const { stdout } = await rig.run(["explain", "last/train"]);
    expect(daemon.paramsOf("run.explain")).toEqual([{ run: "last", step: "train" }]);
    expect(stdout).toContain(
      "The limit of train\n1 GiB: the default\nKnown of k: killed at 1 GiB (run_1).",
    );
    expect(stdout).toContain("memory-budget: it needs 16 GiB");
    expect(stdout).toContain("2 ready before it in the queue.");
    expect(stdout).toContain("run_2    train  █████▒▒▒▒▒░░░░░░░░░░       1G/2G");
  });
});

describe("doctor", () => {
  const findings = [
    {
      check: "linger",
      level: "warn",
      message: "work stops at logout",
      remedy: "loginctl enable-linger",
    },
    { check: "cgroup", level: "fail", message: "no memory controller" },
  ] as const;

  test("exits 78 while something must be fixed, and shows the remedy", async () => {
    await rig.daemon({ "daemon.doctor": () => ({ findings: [...findings] }) });
    const { code, stdout } = await rig.run(["doctor"]);
    expect(code).toBe(78);
    expect(stdout).toContain(" ✗  cgroup: no memory controller");
    expect(stdout).toContain("    loginctl enable-linger\n");
  });

  test("exits 1 when there is only something to know, 0 when all is well", async () => {
    let found = [findings[0]];
    await rig.daemon({ "daemon.doctor": () => ({ findings: found }) });
    expect((await rig.run(["doctor"], cLocale)).code).toBe(1);
    found = [];
    expect((await rig.run(["doctor"], cLocale)).code).toBe(0);
  });

  test("of a daemon that a setting keeps from starting says which, and answers findings all the same", async () => {
    const env = { BLUT_MEMORY_BUDGET: "much" };
    const { code, stdout } = await rig.run(["doctor", "--json"], env);
    expect(code).toBe(78);
    const { findings: found } = JSON.parse(stdout) as { findings: unknown[] };
    expect(found).toMatchObject([{ check: "daemon" }, { check: "configuration", level: "fail" }]);
  });

  test("without a daemon says so, and what a daemon started here would find", async () => {
    const { code, stdout } = await rig.run(["doctor", "--json"], { BLUT_CONTAINMENT: "polling" });
    expect(code).toBe(78);
    const { findings: found } = JSON.parse(stdout) as { findings: { check: string }[] };
    expect(found[0]).toMatchObject({ check: "daemon", level: "fail" });
    expect(found.map(({ check }) => check)).toEqual(
      expect.arrayContaining(["version", "containment", "disk", "sqlite", "schedules"]),
    );
  });
});
