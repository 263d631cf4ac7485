import { describe, expect, test } from "vitest";
import { Rig } from "../support/rig.ts";
import {
  expectIntact,
  expectOneLifeEach,
  expectSound,
  ledgerOf,
  ledgerStage,
  polling,
} from "./ledger.ts";
import { dieAt } from "./death.ts";

/** A number from 0 up to 1, the same ones for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("fault 1: kill -9 of the daemon at random moments under load, 30 times over", async () => {
  const seed = Number(process.env["BLUT_TEST_SEED"] ?? Date.now() % 2 ** 31);
  process.stderr.write(`fault 1: BLUT_TEST_SEED=${String(seed)}\n`);
  const random = randomOf(seed);
  await using rig = await Rig.start(polling);
  const acknowledged = new Map<string, { code: number; cancelled: boolean }>();
  const submitOne = async (): Promise<void> => {
    const code = random() < 0.5 ? 0 : 7;
    const answer = await rig.connection.call("run.submit", {
      argv: ledgerStage(rig, random() < 0.5 ? 0 : 0.3 * random(), code),
      cwd: "/",
      env: { PATH: "/usr/bin:/bin" },
    });
    if (!answer.ok) return;
    const { id } = answer.value;
    const cancelled = random() < 0.15;
    acknowledged.set(id, { code, cancelled });
    if (cancelled) await rig.connection.call("run.cancel", { runs: [id] });
  };
  for (let cycle = 0; cycle < 30; cycle++) {
    const load = Array.from({ length: 5 }, submitOne);
    const dies = new Promise((resolve) => setTimeout(resolve, random() * 250));
    await dies;
    await rig.end("SIGKILL");
    await Promise.all(load);
    await rig.boot();
  }
  for (const [id, { code, cancelled }] of acknowledged) {
    const run = await rig.finished(id);
    expectSound(rig, run, code);
    if (!cancelled) expect(run.state).toBe(code === 0 ? "succeeded" : "failed");
  }
  expect(acknowledged.size).toBeGreaterThan(60);
  // Submits that nobody was answered may be there too; whatever is there has ended.
  await rig.call("run.wait", { runs: ["all"], waitMs: 60_000 });
  expectOneLifeEach(rig);
  await rig.end("SIGTERM");
  expectIntact(rig);
}, 180_000);

describe("fault 3: death at a chosen moment between the intent, the start and the record", () => {
  // What a daemon does from a submit to its recorded end, each call of it or every so many.
  test.each([
    ["fsync", 1],
    ["clone,clone3,fork,vfork", 1],
    ["write", 5],
    ["pwrite64", 13],
  ])(
    "%s: the run is never started twice and never lost",
    async (calls, step) => {
      await using rig = await Rig.start(polling);
      for (let nth = 1; ; nth += step) {
        const ids = await dieAt(rig, calls, nth, {
          argv: ledgerStage(rig, 0, 0),
          cwd: "/",
          env: { PATH: "/usr/bin:/bin" },
        });
        if (ids === undefined) break;
        for (const id of ids) {
          expect(await rig.finished(id)).toMatchObject({ state: "succeeded" });
          const begun = ledgerOf(rig).filter(({ word, runId }) => word === "begin" && runId === id);
          expect(begun, `${calls} ${String(nth)}`).toHaveLength(1);
        }
      }
      await rig.end("SIGTERM");
      expectIntact(rig);
    },
    120_000,
  );
});
