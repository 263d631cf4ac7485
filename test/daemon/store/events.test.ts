import { expect, test } from "vitest";
import { failure } from "../../../daemon/domain/failure.ts";
import { err } from "../../../daemon/domain/result.ts";
import { keep } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

const queued = { at: 5, kind: "run.queued", runId: "run_a", facts: { priority: 1 } } as const;

test("events are numbered from 1 and read from a cursor", async () => {
  const store = openStore();
  expect(store.events.bounds()).toStrictEqual({ first: 0, last: 0 });
  await keep(store, () => {
    expect(store.events.append(queued)).toStrictEqual({ ...queued, seq: 1 });
    store.events.append({ at: 6, kind: "daemon.started", facts: {} });
    store.events.append(queued);
  });
  expect(store.events.since(1, 1)).toStrictEqual([
    { seq: 2, at: 6, kind: "daemon.started", facts: {} },
  ]);
  expect(store.events.since(0, 9).map(({ seq }) => seq)).toStrictEqual([1, 2, 3]);
  expect(store.events.since(3, 9)).toStrictEqual([]);
  expect(store.events.bounds()).toStrictEqual({ first: 1, last: 3 });
});

test("a number is never given out by a change that was rolled back", async () => {
  const store = openStore();
  const doomed = store.write(() => {
    store.events.append(queued);
    return err(failure("wrong-state", "no", "none"));
  });
  const kept = keep(store, () => {
    store.events.append(queued);
  });
  await Promise.all([doomed, kept]);
  expect(store.events.bounds()).toStrictEqual({ first: 1, last: 1 });
});

test("trimming keeps the newest whatever is asked, and numbers go on after it", async () => {
  const store = openStore();
  await keep(store, () => {
    for (let n = 0; n < 10; n++) store.events.append(queued);
    expect(store.events.trim(3)).toBe(7);
    expect(store.events.trim(3)).toBe(0);
  });
  expect(store.events.bounds()).toStrictEqual({ first: 8, last: 10 });
  await keep(store, () => {
    store.events.trim(0);
    expect(store.events.bounds()).toStrictEqual({ first: 10, last: 10 });
    expect(store.events.append(queued).seq).toBe(11);
  });
});
