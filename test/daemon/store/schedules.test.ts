import { expect, test } from "vitest";
import { keep } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

const schedule = "minutely";
const kept = 1000;

function aSkip(instant: number) {
  const because = "the earlier one has not ended";
  return { schedule, instant, cause: "clock", state: "skipped", at: instant, because } as const;
}

test("of a schedule the newest thousand instants are kept", async () => {
  const store = openStore();
  await keep(store, () => {
    for (let i = 0; i < kept + 5; i++) store.schedules.insertTick(aSkip(i));
  });
  const ticks = store.schedules.ticks(schedule, 2 * kept);
  expect(ticks).toHaveLength(kept + 1);
  expect([ticks[0]?.instant, ticks.at(-1)?.instant]).toEqual([kept + 4, 4]);
});

test("what comes after the clock was set back stays on record, beside what a clock ahead has left", async () => {
  const store = openStore();
  const ahead = 1_000_000;
  await keep(store, () => {
    for (let i = 0; i < kept + 5; i++) store.schedules.insertTick(aSkip(ahead + i));
    store.schedules.insertTick(aSkip(1));
    store.schedules.insertTick(aSkip(2));
  });
  expect([1, 2].map((instant) => store.schedules.tick(schedule, instant)?.state)).toEqual([
    "skipped",
    "skipped",
  ]);
  expect(store.schedules.has(schedule, ahead + kept + 4)).toBe(true);
});
