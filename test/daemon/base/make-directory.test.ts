import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeDirectory } from "../../../daemon/base/make-directory.ts";

test("a directory is made with what is missing above it, all with its mode, and once", () => {
  const root = mkdtempSync(path.join(tmpdir(), "blut-made-"));
  onTestFinished(() => {
    rmSync(root, { recursive: true });
  });
  const place = path.join(root, "a/b");
  expect([makeDirectory(place, 0o700), makeDirectory(place, 0o700)]).toEqual([true, false]);
  expect([place, path.dirname(place)].map((each) => statSync(each).mode & 0o777)).toEqual([
    0o700, 0o700,
  ]);
  writeFileSync(path.join(place, "file"), "");
  expect(() => makeDirectory(path.join(place, "file/c"))).toThrow("ENOTDIR");
});

test.each(["/proc/blut", "/proc/blut/a/b"])("%s is refused at once", (place) => {
  expect(() => makeDirectory(place)).toThrow(/ENOENT.*'\/proc\/blut'/);
});
