import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { IdSource } from "../../../daemon/base/id-source.ts";
import { systemClock } from "../../../daemon/base/clock.ts";
import { parseResult, readResult } from "../../../daemon/launcher/result-file.ts";

const attemptId = new IdSource(systemClock).attemptId();
const whole = JSON.stringify({ kind: "exited", status: 7, attempt: attemptId });

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "result-"));
  file = path.join(directory, "result.json");
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe("a result file", () => {
  test("is read when it is whole", () => {
    writeFileSync(file, `${whole}\n`);
    expect(readResult(directory, attemptId)).toEqual({ kind: "exited", status: 7 });
  });

  test("security 13: of any other text is absent, never an exception and never a success", () => {
    const property = fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseResult(text, attemptId)).toBeUndefined();
    });
    fc.assert(property);
  });

  test("cut short anywhere is absent", () => {
    for (let length = 0; length < whole.length; length++) {
      expect(parseResult(whole.slice(0, length), attemptId)).toBeUndefined();
    }
  });

  test.each([
    { kind: "exited", status: 7, attempt: "att_000000000000" },
    { kind: "exited", status: -1, attempt: attemptId },
    { kind: "exited", status: 256, attempt: attemptId },
    { kind: "exited", status: 0.5, attempt: attemptId },
    { kind: "exited", status: "0", attempt: attemptId },
    { kind: "exited", status: 0 },
    { kind: "succeeded", attempt: attemptId },
    { kind: "exited", status: 0, attempt: attemptId, more: 1 },
  ])("saying %j is absent", (value) => {
    expect(parseResult(JSON.stringify(value), attemptId)).toBeUndefined();
  });

  test("larger than any of ours is absent", () => {
    writeFileSync(file, whole + " ".repeat(5000));
    expect(readResult(directory, attemptId)).toBeUndefined();
  });

  test("fault 26: that is a link, a FIFO, a directory or has a second name is never followed", () => {
    const elsewhere = path.join(directory, "elsewhere");
    writeFileSync(elsewhere, whole);
    const replacements = [
      () => {
        symlinkSync(elsewhere, file);
      },
      () => {
        linkSync(elsewhere, file);
      },
      () => {
        mkdirSync(file);
      },
      () => {
        execFileSync("mkfifo", [file]);
      },
    ];
    for (const replace of replacements) {
      replace();
      expect(readResult(directory, attemptId)).toBeUndefined();
      rmSync(file, { recursive: true });
    }
  });
});
