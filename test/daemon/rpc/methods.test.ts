import { describe, expect, it } from "vitest";
import { calibrationWords } from "../../../client/render/calibration-words.ts";
import type { RunId } from "../../../daemon/domain/ids.ts";
import { ok } from "../../../daemon/domain/result.ts";
import { failureCodes } from "../../../daemon/protocol/error-codes.ts";
import { methods } from "../../../daemon/protocol/methods.ts";
import { allMethods } from "../../../daemon/rpc/methods/all.ts";
import { setPinned } from "../../../daemon/rpc/methods/run-pin.ts";
import { budgetBytes, DaemonRig } from "./daemon-rig.ts";

const mib = 1024 ** 2;

it("every method of the protocol has its body, and no other has", () => {
  expect(allMethods.map(({ name }) => name).sort()).toEqual(Object.keys(methods).sort());
});

describe("a run", () => {
  it("is submitted, listed, got and explained while it waits", async () => {
    const rig = await DaemonRig.serving();
    const id = await rig.submit("exit 0", { name: "first" });
    const later = await rig.submit("exit 0", { name: "second", needs: ["first"] });
    const { runs, more } = await rig.call("run.list", {});
    expect(runs.map((run) => [run.id, run.state, run.attempts])).toEqual([
      [later, "queued", 0],
      [id, "queued", 0],
    ]);
    expect(more).toBe(false);
    expect(runs[1]?.command).toBe("/bin/sh -c 'exit 0'");

    const detail = await rig.call("run.get", { run: later });
    expect(detail).toMatchObject({ needs: [id], after: [], history: [] });
    expect(detail.sentence).toContain(`waits for ${id}`);
    expect(detail.steps).toMatchObject([{ state: "waiting", wait: { reason: "waits-for-run" } }]);

    const explained = await rig.call("run.explain", { run: id });
    expect(explained).toMatchObject({ id, state: "queued", ahead: 0, holders: [] });
    expect(explained.limit).toMatchObject({ bytes: 32 * mib, origin: { kind: "asked" } });
    expect(explained.budget.totalBytes).toBe(budgetBytes);
  });

  it("is waited for, and told as it ended", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const good = await rig.submit("exit 0");
    const bad = await rig.submit("exit 7");
    const waited = await rig.call("run.wait", { runs: [good, bad] });
    expect(waited.done).toBe(true);
    expect(waited.runs).toMatchObject([
      { id: good, state: "succeeded", exitCode: 0, sentence: "succeeded" },
      { id: bad, state: "failed", exitCode: 7 },
    ]);
    expect(waited.runs[1]?.sentence).toContain("exited with 7");
    const detail = await rig.call("run.get", { run: bad });
    expect(detail.history).toMatchObject([
      { number: 1, state: "ended", outcome: { cause: "failed", exitCode: 7 } },
    ]);
    expect(detail.end).toMatchObject({ kind: "outcome" });
  });

  it("is told with one of its steps alone, and a step that it does not have is named", async () => {
    const rig = await DaemonRig.serving();
    const { id } = await rig.call("run.submit", {
      plan: {
        version: 1,
        steps: [
          { name: "prepare", argv: ["true"], cwd: "/" },
          { name: "train", argv: ["true"], cwd: "/" },
        ],
      },
      env: {},
    });
    const detail = await rig.call("run.get", { run: id, step: "train" });
    expect(detail.steps.map(({ name }) => name)).toEqual(["train"]);
    expect(detail.stepCounts).toEqual({ ready: 2 });
    const { error } = await rig.ask("run.get", { run: id, step: "trian" });
    expect(error?.data).toMatchObject({ reason: "not-found", remedy: "its steps: prepare, train" });
    expect(error?.message).toContain("did you mean `train`?");
  });

  it("is waited for no longer than asked, and `any` answers at the first end", async () => {
    const rig = await DaemonRig.serving();
    const id = await rig.submit("exit 0");
    expect(await rig.call("run.wait", { runs: [id], waitMs: 0 })).toMatchObject({ done: false });
    const held = await rig.submit("exit 0", { after: [id], priority: -1 });
    const other = await rig.submit("exit 0");
    const waiting = rig.call("run.wait", { runs: [held, other], any: true });
    await rig.call("run.cancel", { runs: [other] });
    const answer = await waiting;
    expect(answer.done).toBe(true);
    expect(answer.runs.map(({ state }) => state)).toEqual(["queued", "cancelled"]);
  });

  it("holds its place in `explain` of others while it runs", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const client = await rig.connect();
    await client.call("events.subscribe");
    const id = await rig.submit("sleep 600", { name: "holder", memory: { firstBytes: 64 * mib } });
    for (let frame = await client.next(); ; frame = await client.next()) {
      const event = frame.params as { kind: string; runId: string };
      if (event.kind === "attempt.started") break;
    }
    const big = await rig.submit("exit 0", { memory: { firstBytes: budgetBytes } });
    const explained = await rig.call("run.explain", { run: big });
    expect(explained.holders).toMatchObject([{ runId: id, name: "holder", limitBytes: 64 * mib }]);
    expect(explained.wait?.reason).toBe("memory-budget");
    const status = await rig.call("daemon.status", {});
    expect(status.running).toMatchObject([{ id }]);
    expect(status.waiting).toMatchObject([{ id: big, wait: { reason: "memory-budget" } }]);
    expect(status.memory.reservedBytes).toBe(64 * mib);
    expect(await rig.call("run.cancel", { runs: ["all"], now: true })).toEqual({
      cancelled: [big],
      stopping: [id],
    });
    expect(await rig.ended(id)).toMatchObject({ state: "cancelled", exitCode: 122 });
  });

  it("is retried as a new run once it has ended, and not before", async () => {
    const rig = await DaemonRig.serving();
    const id = await rig.submit("exit 3", { notify: ["recovery"] });
    const refused = await rig.ask("run.retry", { runs: [id] });
    expect(refused.error?.code).toBe(failureCodes["wrong-state"]);
    rig.begin();
    await rig.ended(id);
    const { runs } = await rig.call("run.retry", { runs: [id] });
    expect(runs).toMatchObject([{ from: id }]);
    const again = await rig.ended(runs[0]?.id ?? "");
    expect(again).toMatchObject({ retriedFrom: id, exitCode: 3, notify: ["recovery"] });
  });

  it("that is on its way out is gone for everybody, whoever looked it up before that", async () => {
    const rig = await DaemonRig.serving();
    const id = await rig.submit("exit 3");
    rig.begin();
    await rig.ended(id);
    const { context } = rig;
    const { store, scheduler } = context;
    // A run of many steps goes in several changes; this is the first of them, in front of the others.
    const marked = store.write(() => {
      store.retention.mark(id as RunId, Date.now(), "age");
      return ok(undefined);
    });
    const refused = { ok: false, error: { reason: "not-found" } };
    const asked = [
      setPinned(context, [id], true),
      scheduler.retry([id as RunId], { from: undefined, only: false }),
    ];
    for (const each of asked) expect(await each).toMatchObject(refused);
    await marked;
    expect(store.runs.get(id as RunId)?.pinned).toBe(false);
    for (const method of ["run.get", "run.pin", "run.unpin", "run.retry", "run.wait"]) {
      const names = method === "run.get" ? { run: id } : { runs: [id] };
      expect((await rig.ask(method, names)).error?.message).toMatch(/was collected/);
    }
    const waits = { argv: ["true"], cwd: "/", env: {}, after: [id] };
    expect((await rig.ask("run.submit", waits)).error?.message).toMatch(/was collected/);
  });

  it("that can never fit is refused with both numbers", async () => {
    const rig = await DaemonRig.serving();
    const { error } = await rig.ask("run.submit", {
      argv: ["/bin/true"],
      cwd: "/",
      env: {},
      memory: { firstBytes: 2 * budgetBytes },
    });
    expect(error?.data).toMatchObject({
      reason: "never-fits",
      neededBytes: 2 * budgetBytes,
      ceilingBytes: budgetBytes,
    });
  });

  it("that can never fit by what it says of itself is not told to forget what was learnt", async () => {
    const rig = await DaemonRig.serving();
    const memory = { declaredBytes: 2 * budgetBytes };
    const steps = ["a", "b"].map((name) => ({ name, argv: ["/bin/true"], cwd: "/", memory }));
    const { error } = await rig.ask("run.submit", { plan: { steps }, env: {} });
    expect(error?.data).toMatchObject({
      reason: "never-fits",
      remedy: "ask for less with the step's memory, or raise memory.budget in blut.toml",
    });
  });

  it("that claims of a pool which is not there is told how to make one", async () => {
    const rig = await DaemonRig.serving();
    const asked = { argv: ["/bin/true"], cwd: "/", env: {}, pools: { odd: 2 } };
    expect((await rig.ask("run.submit", asked)).error?.data).toMatchObject({
      reason: "never-fits",
      remedy: "set [pools] odd = 2 in blut.toml, then blutctl reload",
    });
  });

  it("has its name in what is said of a step that it does not have", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const id = await rig.submit("exit 3");
    await rig.ended(id);
    const refused = await rig.ask("run.retry", { runs: [id], from: "nono" });
    expect(refused.error?.data?.["remedy"]).toBe(`see its steps: blutctl show ${id}`);
  });

  it("is listed page by page", async () => {
    const rig = await DaemonRig.serving();
    const ids = [];
    for (let i = 0; i < 5; i++) ids.unshift(await rig.submit("exit 0"));
    const first = await rig.call("run.list", { limit: 3 });
    expect(first).toMatchObject({ more: true });
    const second = await rig.call("run.list", { limit: 3, before: first.runs[2]?.id });
    expect(second.more).toBe(false);
    expect([...first.runs, ...second.runs].map(({ id }) => id)).toEqual(ids);
    const { error } = await rig.ask("run.list", { before: "1 OR 1=1" });
    expect(error?.data?.["reason"]).toBe("invalid-request");
  });
});

describe("a selector", () => {
  it("is an id, a unique prefix with or without run_, `last`, or a name", async () => {
    const rig = await DaemonRig.serving();
    const first = await rig.submit("exit 0", { name: "one" });
    const last = await rig.submit("exit 0", { name: "two" });
    const got = async (run: string): Promise<string> => (await rig.call("run.get", { run })).id;
    expect(await got(first)).toBe(first);
    expect(await got("last")).toBe(last);
    expect(await got("one")).toBe(first);
    const unique = Array.from(first).findIndex((char, i) => char !== last[i]) + 1;
    expect(await got(first.slice(0, unique))).toBe(first);
    expect(await got(first.slice(4, unique))).toBe(first);
  });

  it("that can mean several runs is refused with the candidates", async () => {
    const rig = await DaemonRig.serving();
    const ids = [
      await rig.submit("exit 0", { name: "same" }),
      await rig.submit("exit 0", { name: "same" }),
    ];
    const { error } = await rig.ask("run.get", { run: "run_" });
    expect(error?.data?.["reason"]).toBe("not-found");
    const prefix = ids[0]?.slice(0, 6);
    for (const [method, asked] of [
      ["run.get", { run: prefix }],
      ["run.cancel", { runs: ["same"] }],
      ["run.pin", { runs: ["same"] }],
      ["run.unpin", { runs: ["same"] }],
    ] as const) {
      const answer = await rig.ask(method, asked);
      expect(answer.error?.data?.["reason"]).toBe("ambiguous");
      for (const id of ids) expect(answer.error?.message).toContain(id);
    }
  });

  it("that is a name several have means the newest, where nothing is ended or pinned", async () => {
    const rig = await DaemonRig.serving();
    const old = await rig.submit("exit 0", { name: "same" });
    const id = await rig.submit("exit 0", { name: "same" });
    await rig.call("run.cancel", { runs: [id] });
    expect(await rig.call("run.get", { run: "same" })).toMatchObject({ id });
    expect(await rig.call("run.explain", { run: "same" })).toMatchObject({ id });
    expect((await rig.call("run.wait", { runs: ["same"] })).runs).toMatchObject([{ id }]);
    const next = await rig.submit("exit 0", { name: "next", after: ["same"] });
    expect(await rig.call("run.get", { run: next })).toMatchObject({ after: [id] });
    const [again] = (await rig.call("run.retry", { runs: ["same"] })).runs;
    expect(await rig.call("run.get", { run: again?.id ?? "" })).toMatchObject({ retriedFrom: id });
    await rig.call("run.cancel", { runs: [again?.id ?? ""] });
    // One of them has not ended: it is the one that can be ended.
    expect(await rig.call("run.cancel", { runs: ["same"] })).toMatchObject({ cancelled: [old] });
  });

  it.each([
    "run_000000000000",
    "nothing",
    "1 OR 1=1",
    "%",
    "run_%",
    "../x",
    "\u0000",
    "x".repeat(128),
  ])("that matches nothing (%j) is not found, and the remedy says how to list", async (run) => {
    const rig = await DaemonRig.serving();
    const { error } = await rig.ask("run.get", { run });
    expect(error?.code).toBe(failureCodes["not-found"]);
    expect(error?.data?.["remedy"]).toContain("blutctl runs");
  });

  it("list longer than its cap is refused", async () => {
    const rig = await DaemonRig.serving();
    const runs = Array.from({ length: 100_000 }, () => "last");
    const { error } = await rig.ask("run.cancel", { runs });
    expect(error?.data?.["reason"]).toBe("invalid-request");
    expect((await rig.ask("run.get", { run: "all" })).error?.data?.["reason"]).toBe(
      "invalid-request",
    );
  });

  it("that repeats a run means it once", async () => {
    const rig = await DaemonRig.serving();
    const id = await rig.submit("exit 0");
    const { cancelled } = await rig.call("run.cancel", { runs: [id, "last", id, "all"] });
    expect(cancelled).toEqual([id]);
  });
});

describe("the daemon", () => {
  it("is paused with a reason, drained and resumed", async () => {
    const rig = await DaemonRig.serving();
    const id = await rig.submit("exit 0");
    const paused = await rig.call("daemon.pause", { reason: "backup" });
    expect(paused).toMatchObject({ hold: { mode: "pause", reason: "backup" }, running: 0 });
    const { sentence } = await rig.call("run.explain", { run: id });
    expect(sentence).toContain("backup");
    expect(await rig.call("daemon.drain", {})).toMatchObject({ hold: { mode: "drain" } });
    expect(await rig.call("daemon.resume", {})).toEqual({ running: 0 });
    expect(await rig.call("daemon.doctor", {})).toMatchObject({
      findings: [{ check: "rig" }],
    });
  });
});

describe("calibrations", () => {
  it("are pinned, got, listed, exported, imported twice and forgotten", async () => {
    const rig = await DaemonRig.serving();
    const set = await rig.call("calibration.set", { key: "encode", bytes: 100 * mib });
    expect(set).toMatchObject({ key: "encode", nextLimitBytes: 100 * mib });
    await rig.call("calibration.set", { key: "train", bytes: 200 * mib });
    expect(await rig.call("calibration.get", { key: "encode" })).toEqual(set);
    const { calibrations, more } = await rig.call("calibration.list", { limit: 1 });
    expect([calibrations.map(({ key }) => key), more]).toEqual([["encode"], true]);

    const document = await rig.call("calibration.export", {});
    expect(await rig.call("calibration.forget", { keys: ["encode", "no such"] })).toEqual({
      forgotten: ["encode"],
    });
    for (let i = 0; i < 2; i++) {
      const imported = await rig.call("calibration.import", { document });
      expect(imported).toEqual({ merged: 2, rejected: 0 });
      expect(await rig.call("calibration.export", {})).toEqual(document);
    }
    const kinds = (await rig.call("events.list", {})).events.map(({ kind }) => kind);
    expect(kinds).toContain("calibration.changed");
  });

  it("name the runs that they were learnt from, and say which are not on record any more", async () => {
    const rig = await DaemonRig.serving();
    const id = await rig.submit("exit 0");
    rig.begin();
    await rig.ended(id);
    const { store } = rig.context;
    const seen = { successes: 1, kills: 1, rejected: 0, lastSeenAt: 1 };
    await store.write(() => {
      const cleanPeak = { bytes: mib, runId: id, at: 1 };
      const killedAt = { bytes: mib / 2, runId: "run_0000000000zz", at: 1 };
      store.calibrations.put({ key: "encode", ...seen, cleanPeak, killedAt });
      return ok(undefined);
    });
    expect((await rig.call("calibration.get", { key: "encode" })).gone).toEqual([
      "run_0000000000zz",
    ]);
    await store.write(() => {
      store.retention.mark(id as RunId, 1, "age");
      return ok(undefined);
    });
    const known = await rig.call("calibration.get", { key: "encode" });
    expect(known.gone).toEqual([id, "run_0000000000zz"]);
    expect(calibrationWords(known)).toBe(
      `clean peak 1 MiB (${id}, not kept any more); killed at 512 KiB (run_0000000000zz, not kept any more)`,
    );
  });

  it("of unknown keys are not found, and a pin past the budget is refused", async () => {
    const rig = await DaemonRig.serving();
    for (const [method, params] of [
      ["calibration.get", { key: "nothing" }],
      ["calibration.forget", { keys: ["nothing"] }],
    ] as const) {
      expect((await rig.ask(method, params)).error?.data?.["reason"]).toBe("not-found");
    }
    const { error } = await rig.ask("calibration.set", { key: "big", bytes: budgetBytes + 1 });
    expect(error?.data?.["reason"]).toBe("never-fits");
    expect((await rig.call("calibration.list", {})).calibrations).toEqual([]);
  });

  it.each([
    ["0", 0],
    ["-1", -1],
    ["a fraction", 1.5],
    ["2^53 + 1", 2 ** 53 + 2],
    ["1e308", 1e308],
    ["a text", "10G"],
    ["null", null],
  ])("fault 36: of %s bytes are refused before anything is stored", async (_what, bytes) => {
    const rig = await DaemonRig.serving();
    const evidence = { bytes, runId: "run_x", at: 1 };
    const row = {
      key: "k",
      killedAt: evidence,
      successes: 0,
      kills: 1,
      rejected: 0,
      lastSeenAt: 1,
    };
    const document = { version: 1, calibrations: [row] };
    for (const [method, params] of [
      ["calibration.set", { key: "k", bytes }],
      ["calibration.import", { document }],
    ] as const) {
      expect((await rig.ask(method, params)).error?.data?.["reason"]).toBe("invalid-request");
    }
    expect((await rig.call("calibration.list", {})).calibrations).toEqual([]);
  });
});
