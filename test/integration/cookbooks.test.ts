import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Rig } from "../support/rig.ts";

const fixtures = path.resolve(import.meta.dirname, "../fixtures/cookbooks");

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.start({ containment: "polling" });
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

/** The cookbook of words in a directory of its own. */
function shelve(name: string): string {
  const directory = path.join(rig.directory, name);
  cpSync(path.join(fixtures, "words.ts"), path.join(directory, "words.ts"));
  cpSync(path.join(fixtures, "words"), path.join(directory, "words"), { recursive: true });
  return path.join(directory, "words.ts");
}

/** Runs a recipe of it to its end; the run, and whose each step's result is. */
async function cook(reference: string): Promise<{ id: string; from: Record<string, string> }> {
  const { id } = await rig.call("recipe.run", {
    recipe: { file: reference },
    overrides: ["times=4"],
    cwd: rig.directory,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
  });
  const { state, steps } = await rig.finished(id);
  expect(state).toBe("succeeded");
  const from: Record<string, string> = {};
  for (const { name, cachedFrom = id } of steps) from[name] = cachedFrom;
  return { id, from };
}

test("FILE#RECIPE runs one of a cookbook, and its results are found again wherever the file lies", async () => {
  const { id, from } = await cook(`${shelve("here")}#words`);
  expect(from).toEqual({ write: id, count: id, again: id });
  const context = path.join(rig.stateDir, "runs", id, "again/1/context.json");
  expect(JSON.parse(readFileSync(context, "utf8"))).toMatchObject({
    argv: [
      process.execPath,
      expect.stringMatching(/\/host\.ts$/),
      "run",
      expect.any(String),
      "count-by-body",
    ],
  });
  const again = await cook(shelve("there"));
  expect(again.from).toEqual(from);
});
