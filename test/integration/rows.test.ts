import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const tests = path.resolve(import.meta.dirname, "..");
const titles = globSync("**/*.test.ts", { cwd: tests })
  .concat(globSync("contract/*-suite.ts", { cwd: tests }))
  .map((file) => readFileSync(path.join(tests, file), "utf8"))
  .join("\n");

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);

/** Rows of the fault matrix that this version answers for; the others come with what they are about. */
const faults = [...range(1, 24), ...range(26, 31), 34, 35, 36, 41, 42];

test.each(faults)("fault row %i has a test of its name", (row) => {
  expect(titles).toMatch(new RegExp(`fault ${String(row)}[,:]`));
});

test.each(range(1, 10))("security rule %i has a test of its name", (rule) => {
  expect(titles).toMatch(new RegExp(`security ${String(rule)}:`));
});
