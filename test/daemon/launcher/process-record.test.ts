import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, uptime } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recallShim, rememberShim } from "../../../daemon/launcher/process-record.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "record-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test("an attempt is as old as its record, however long its shim has waited", () => {
  const beforeMs = uptime() * 1000;
  rememberShim(directory, { pid: 1234, startTicks: 0 });
  const recalled = recallShim(directory);
  expect(recalled).toMatchObject({ pid: 1234, startTicks: 0 });
  expect(recalled?.takenMs).toBeGreaterThanOrEqual(beforeMs);
  expect(recalled?.takenMs).toBeLessThanOrEqual(uptime() * 1000);
});

test("a directory without a record has no shim", () => {
  expect(recallShim(directory)).toBeUndefined();
});
