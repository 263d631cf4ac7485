import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { expect } from "vitest";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import type { Rig, RigOptions } from "../support/rig.ts";

type Run = MethodResult<"run.get">;

/** A daemon without systemd that tries again soon, and often. */
export const polling = {
  containment: "polling",
  flags: ["--default-memory", "32M", "--grace", "200ms"],
  env: { BLUT_BACKOFF_FIRST: "10ms", BLUT_BACKOFF_LONGEST: "20ms", BLUT_RETRY_LOST: "100" },
} as const satisfies RigOptions;

/** Begins with its attempt's id in a ledger, ends with it and its code. */
export function ledgerStage(rig: Rig, seconds: number, code: number): [string, ...string[]] {
  const ledger = path.join(rig.directory, "ledger");
  const script = `echo "begin $BLUT_RUN $BLUT_ATTEMPT" >>"$0"; sleep ${seconds}; echo "end $BLUT_RUN $BLUT_ATTEMPT" >>"$0"; exit ${code}`;
  return ["sh", "-c", script, ledger];
}

/** What the stages wrote, in order. */
export function ledgerOf(rig: Rig): { word: string; runId: string; attemptId: string }[] {
  const file = path.join(rig.directory, "ledger");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return text
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [word = "", runId = "", attemptId = ""] = line.split(" ");
      return { word, runId, attemptId };
    });
}

/** No attempt began twice, and no run began again before the attempt before had ended. */
export function expectOneLifeEach(rig: Rig): void {
  const live = new Map<string, string>();
  const begun = new Set<string>();
  for (const { word, runId, attemptId } of ledgerOf(rig)) {
    if (word === "begin") {
      expect(begun.has(attemptId), `${attemptId} began twice`).toBe(false);
      begun.add(attemptId);
      live.set(runId, attemptId);
    } else {
      expect(live.get(runId), `${runId} had two live attempts`).toBe(attemptId);
      live.delete(runId);
    }
  }
}

/** It ended with a cause, and what it says of itself agrees with what it left behind. */
export function expectSound(rig: Rig, run: Run, code: number): void {
  expect(["succeeded", "failed", "cancelled"], run.id).toContain(run.state);
  expect(run.exitCode, run.id).toBeDefined();
  const ended = ledgerOf(rig).filter(({ word, runId }) => word === "end" && runId === run.id);
  if (run.state === "succeeded") expect(ended.length, run.id).toBeGreaterThan(0);
  if (run.state === "failed") expect(run.exitCode, run.sentence).toBe(code);
  for (const { outcome } of run.history) expect(outcome, run.id).toBeDefined();
}

/** SQLite finds no damage, and no attempt or reservation is left open. */
export function expectIntact(rig: Rig): void {
  const database = new Database(rig.database, { readonly: true });
  expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(database.pragma("foreign_key_check")).toStrictEqual([]);
  const left = database.prepare("SELECT count(*) FROM attempts WHERE state <> 'ended'").pluck();
  expect(left.get()).toBe(0);
  expect(database.prepare("SELECT count(*) FROM reservations").pluck().get()).toBe(0);
  database.close();
}
