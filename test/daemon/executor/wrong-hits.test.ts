import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunId } from "../../../daemon/domain/ids.ts";
import type { Step } from "../../../daemon/domain/plan.ts";
import { scratchDirectory } from "../store/support/scratch.ts";
import { DagRig, maker } from "./dag-rig.ts";

/** Whether a step of the second run was taken for one of the first. */
async function isTakenFor(first: Partial<Step>, second: Partial<Step>): Promise<boolean> {
  const rig = new DagRig();
  await rig.play(await rig.submitPlan([first]));
  const id = await rig.submitPlan([second]);
  await rig.play(id);
  return wasCached(rig, id);
}

function wasCached(rig: DagRig, id: RunId): boolean {
  return rig.store.steps.of(id).some(({ cachedFrom }) => cachedFrom !== undefined);
}

test("code that was edited a moment after a run is other code to the next run", async () => {
  const rig = new DagRig();
  const script = join(scratchDirectory(), "train.py");
  const step = maker("train", { code: [script] });
  writeFileSync(script, "one");
  await rig.play(await rig.submitPlan([step]));
  const again = await rig.submitPlan([step]);
  await rig.play(again);
  expect(wasCached(rig, again)).toBe(true);
  writeFileSync(script, "two");
  const edited = await rig.submitPlan([step]);
  await rig.play(edited);
  expect(wasCached(rig, edited)).toBe(false);
  expect(rig.started).toEqual(["train", "train"]);
});

test("an input file that was written a moment after a run is another input to the next run", async () => {
  const rig = new DagRig();
  const path = join(scratchDirectory(), "data.csv");
  const step = maker("train", { inputs: { data: { kind: "text", from: { path } } } });
  writeFileSync(path, "one");
  await rig.play(await rig.submitPlan([step]));
  writeFileSync(path, "two");
  const edited = await rig.submitPlan([step]);
  await rig.play(edited);
  expect(wasCached(rig, edited)).toBe(false);
});

test("a word that only looks like a placeholder is not one", async () => {
  const literal = maker("a", { argv: ["/bin/echo", "{out}"] });
  const filled = maker("a", { argv: ["/bin/echo", [{ own: "out" }]] });
  expect(await isTakenFor(literal, literal)).toBe(true);
  expect(await isTakenFor(literal, filled)).toBe(false);
});

test("code files of one name in two directories are told apart", async () => {
  const cwd = scratchDirectory();
  for (const side of ["left", "right"]) {
    mkdirSync(join(cwd, side));
    writeFileSync(join(cwd, side, "main.py"), side);
  }
  const code = [join(cwd, "left/main.py"), join(cwd, "right/main.py")];
  const left = maker("a", { cwd, code, argv: ["/bin/cat", "left/main.py"] });
  const right = maker("a", { cwd, code, argv: ["/bin/cat", "right/main.py"] });
  expect(await isTakenFor(left, left)).toBe(true);
  expect(await isTakenFor(left, right)).toBe(false);
});

test("code is the same wherever the whole of it lies", async () => {
  const steps = [scratchDirectory(), scratchDirectory()].map((cwd) => {
    mkdirSync(join(cwd, "lib"));
    writeFileSync(join(cwd, "lib/main.py"), "main");
    return maker("a", { cwd, code: [join(cwd, "lib/main.py")], argv: ["/bin/cat", "lib/main.py"] });
  });
  expect(await isTakenFor(steps[0] ?? {}, steps[1] ?? {})).toBe(true);
});

test("what Python compiles beside its code is no other code", async () => {
  const rig = new DagRig();
  const lib = join(scratchDirectory(), "lib");
  mkdirSync(lib);
  writeFileSync(join(lib, "main.py"), "main");
  const step = maker("train", { code: [lib] });
  await rig.play(await rig.submitPlan([step]), (_name, attempt) => {
    mkdirSync(join(lib, "__pycache__"));
    writeFileSync(join(lib, "__pycache__/main.pyc"), "compiled");
    rig.leave(attempt, { f: "x" });
  });
  const again = await rig.submitPlan([step]);
  await rig.play(again);
  expect(wasCached(rig, again)).toBe(true);
  expect(rig.started).toEqual(["train"]);
});
