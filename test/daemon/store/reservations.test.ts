import { expect, test } from "vitest";
import { aRun, anAttempt, attemptId, insertReadyRun, keep } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

const reservation = {
  attemptId: attemptId(1),
  memoryBytes: 1024,
  cpus: 0.5,
  gpus: 0,
  vramBytes: 0,
  devices: [1, 3],
  pools: { gpu: 1 },
  locks: ["dataset"],
};

test("capacity is held until it is given back, once", async () => {
  const store = openStore();
  await keep(store, () => {
    insertReadyRun(store, aRun(1));
    store.attempts.insert(anAttempt(1));
    store.reservations.insert(reservation);
  });
  expect(store.reservations.all()).toStrictEqual([reservation]);
  expect(store.reservations.devicesOf(attemptId(1))).toStrictEqual([1, 3]);
  await keep(store, () => {
    expect(store.reservations.delete(attemptId(1))).toBe(true);
    expect(store.reservations.delete(attemptId(1))).toBe(false);
  });
  expect(store.reservations.all()).toStrictEqual([]);
  expect(store.reservations.devicesOf(attemptId(1))).toStrictEqual([]);
});

test("capacity for an attempt that is not there is a bug", async () => {
  const store = openStore();
  await expect(
    keep(store, () => {
      store.reservations.insert(reservation);
    }),
  ).rejects.toThrow(/FOREIGN KEY/);
});
