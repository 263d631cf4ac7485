import { expect, it } from "vitest";
import { Ledger } from "../../../daemon/broker/ledger.ts";
import type { AttemptId } from "../../../daemon/domain/ids.ts";
import { gib } from "../../support/box.ts";

const reservation = (name: string, memoryBytes = gib) => ({
  attemptId: `att_${name}` as AttemptId,
  memoryBytes,
  cpus: 0.1,
  gpus: 0,
  vramBytes: 0,
  devices: [],
  pools: { disk: 1 },
  locks: [],
});

it("sums what is reserved and is empty again when all is released", () => {
  const ledger = new Ledger();
  for (const name of ["a", "b", "c"]) ledger.reserve(reservation(name));
  expect(ledger.totals()).toEqual({ attempts: 3, memoryBytes: 3 * gib, cpus: 0.3 });
  expect(ledger.poolUsed("disk")).toBe(3);
  for (const { attemptId } of ledger.all()) ledger.release(attemptId);
  expect(ledger.totals()).toEqual({ attempts: 0, memoryBytes: 0, cpus: 0 });
  expect(ledger.poolUsed("disk")).toBe(0);
});

it("counts an attempt once, however often it is reserved or released", () => {
  const ledger = new Ledger();
  ledger.reserve(reservation("a"));
  ledger.reserve(reservation("a", 2 * gib));
  expect(ledger.totals()).toMatchObject({ attempts: 1, memoryBytes: 2 * gib });
  ledger.release(reservation("a").attemptId);
  ledger.release(reservation("a").attemptId);
  expect(ledger.totals()).toMatchObject({ attempts: 0, memoryBytes: 0 });
});
