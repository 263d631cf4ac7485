import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readConfigFile } from "../../../daemon/config/read-file.ts";
import { err, ok } from "../../../daemon/domain/result.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "blut-config-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it("answers a file's text, and nothing for a file that is not there", () => {
  writeFileSync(join(folder, "blut.toml"), "grace = '1s'");
  expect(readConfigFile(join(folder, "blut.toml"))).toEqual(ok("grace = '1s'"));
  expect(readConfigFile(join(folder, "other.toml"))).toEqual(ok(undefined));
  expect(readConfigFile(join(folder, "blut.toml", "below"))).toEqual(ok(undefined));
});

it("refuses a directory, a FIFO and a file of any size at once", () => {
  expect(readConfigFile(folder)).toEqual(err("not a regular file"));
  execFileSync("mkfifo", [join(folder, "fifo")]);
  expect(readConfigFile(join(folder, "fifo"))).toEqual(err("not a regular file"));
  writeFileSync(join(folder, "huge"), "");
  truncateSync(join(folder, "huge"), 1024 ** 3);
  expect(readConfigFile(join(folder, "huge"))).toEqual(err("larger than 1 MiB"));
});
