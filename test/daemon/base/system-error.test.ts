import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { errorCode, isDiskFull, isOutOfDescriptors } from "../../../daemon/base/system-error.ts";

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

function withCode(code: unknown): Error {
  return Object.assign(new Error("a call failed"), { code });
}

it("has the system's word for a call that failed, and none for a bug", () => {
  expect(errorCode(thrownBy(() => readFileSync("/nonexistent")))).toBe("ENOENT");
  expect(errorCode(new Error("a bug"))).toBeUndefined();
  expect(errorCode(withCode(5))).toBeUndefined();
  expect(errorCode("ENOENT")).toBeUndefined();
});

it("tells a full disk and a full file table from everything else", () => {
  expect(["ENOSPC", "EDQUOT", "EIO"].map(withCode).map(isDiskFull)).toEqual([true, true, false]);
  expect(["EMFILE", "ENFILE", "EIO"].map(withCode).map(isOutOfDescriptors)).toEqual([
    true,
    true,
    false,
  ]);
});
