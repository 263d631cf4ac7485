import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import type { PlanSpec } from "../../daemon/protocol/schemas/plan.ts";
import { Rig } from "../support/rig.ts";
import { expectIntact, polling } from "./ledger.ts";
import { dieAt } from "./death.ts";

const env = { PATH: "/usr/bin:/bin" };

/** Writes its name into a ledger when it begins and when it ends, and leaves what `make` makes. */
function stage(rig: Rig, name: string, make: string, seconds = 0): [string, ...string[]] {
  const script = `echo "begin $0" >>"$1"; sleep ${seconds}; cd "$BLUT_OUT" && ${make}; echo "end $0" >>"$1"`;
  return ["sh", "-c", script, name, path.join(rig.directory, "ledger")];
}

/** Two branches, one of them fanned out over a list of three, and a step that joins all of it. */
function plan(rig: Rig, seconds: number): PlanSpec {
  const step = (name: string, make = "echo x > out") => ({
    ...{ name, cwd: rig.directory, cache: "use" as const, argv: stage(rig, name, make, seconds) },
    memory: { firstBytes: 32 * 1024 ** 2 },
    output: { kind: "text" },
  });
  const list = { kind: "list<text>" };
  const of = (name: string, kind = "text") => ({ kind, from: { step: name } });
  return {
    steps: [
      { ...step("split", "echo 1 > a; echo 2 > b; echo 3 > c"), output: list },
      { ...step("each"), inputs: { part: of("split", "list<text>") }, map: "part" },
      step("side"),
      {
        ...step("both"),
        inputs: { all: { ...list, from: { steps: ["side", "late"] } } },
      },
      { ...step("late"), needs: ["side"] },
      { ...step("join"), inputs: { parts: of("each", "list<text>"), both: of("both") } },
    ],
  };
}

/** How often each step began and ended, by the ledger. */
function livesOf(rig: Rig): Record<string, number> {
  const file = path.join(rig.directory, "ledger");
  const lives: Record<string, number> = {};
  const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  for (const line of lines) lives[line] = (lives[line] ?? 0) + 1;
  return lives;
}

const once = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    names.flatMap((name) => [
      [`begin ${name}`, 1],
      [`end ${name}`, 1],
    ]),
  );

/** Elements have one script, and so one name in the ledger. */
const allOnce = {
  ...once(["split", "side", "late", "both", "join"]),
  "begin each": 3,
  "end each": 3,
};

function expectWhole(run: MethodResult<"run.get">): void {
  expect(run.state, run.sentence).toBe("succeeded");
  expect(run.stepCounts).toEqual({ succeeded: 9 });
  for (const { artifact, name } of run.steps) expect(artifact, name).toMatch(/^[0-9a-f]{64}$/);
}

test("fault 1: kill -9 at random moments of a DAG: no step that finished is run again", async () => {
  const seed = Number(process.env["BLUT_TEST_SEED"] ?? Date.now() % 2 ** 31);
  process.stderr.write(`dag crash: BLUT_TEST_SEED=${String(seed)}\n`);
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  await using rig = await Rig.start(polling);
  const { id } = await rig.call("run.submit", { plan: plan(rig, 0.3), env });
  for (let cycle = 0; cycle < 10; cycle++) {
    const dies = new Promise((resolve) => setTimeout(resolve, random() * 300));
    await dies;
    await rig.end("SIGKILL");
    await rig.boot();
  }
  expectWhole(await rig.finished(id));
  expect(livesOf(rig)).toEqual(allOnce);
  const again = await rig.call("run.submit", { plan: plan(rig, 0.3), env });
  const reused = await rig.finished(again.id);
  expectWhole(reused);
  expect(reused.attempts).toBe(0);
  await rig.end("SIGTERM");
  expectIntact(rig);
}, 120_000);

test.each([
  ["fsync,fdatasync", 4],
  ["rename,renameat,renameat2", 3],
])(
  "fault 3: death at every so many %s of a DAG: it goes on to its end, and nothing is done twice",
  async (calls, stride) => {
    for (let nth = 1; ; nth += stride) {
      await using rig = await Rig.start(polling);
      const ids = await dieAt(rig, calls, nth, { plan: plan(rig, 0), env });
      if (ids === undefined) break;
      for (const id of ids) {
        expectWhole(await rig.finished(id));
        expect(livesOf(rig), `${calls} ${String(nth)}`).toEqual(allOnce);
      }
      await rig.end("SIGTERM");
      expectIntact(rig);
    }
  },
  180_000,
);
