import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { TurnsByName, TurnTaking } from "../../../daemon/base/turn-taking.ts";

test("one thing begins when the one before is over, also when that failed", async () => {
  const turns = new TurnTaking();
  const seen: string[] = [];
  const first = turns.inTurn(async () => {
    seen.push("first begins");
    await setImmediate();
    seen.push("first ends");
    throw new Error("first");
  });
  const second = turns.inTurn(() => {
    seen.push("second");
    return Promise.resolve(2);
  });
  await expect(first).rejects.toThrow("first");
  expect(await second).toBe(2);
  expect(seen).toEqual(["first begins", "first ends", "second"]);
});

test("it has settled when everything asked for is over, whatever came of it", async () => {
  const turns = new TurnTaking();
  let isOver = false;
  const failed = turns.inTurn(async () => {
    await setImmediate();
    isOver = true;
    throw new Error("the last of them");
  });
  await Promise.all([turns.settled(), expect(failed).rejects.toThrow()]);
  expect(isOver).toBe(true);
});

test("under one name one after the other, and no other name waits", async () => {
  const turns = new TurnsByName();
  const seen: string[] = [];
  const gate = Promise.withResolvers<undefined>();
  const slow = turns.inTurn("slow", async () => {
    await gate.promise;
    seen.push("slow");
    throw new Error("slow");
  });
  const after = turns.inTurn("slow", () => {
    seen.push("after slow");
    return Promise.resolve();
  });
  await turns.inTurn("quick", () => {
    seen.push("quick");
    return Promise.resolve();
  });
  expect([turns.size, turns.has("slow"), turns.has("quick")]).toEqual([1, true, false]);
  const oneIsOver = turns.next();
  gate.resolve(undefined);
  await oneIsOver;
  await Promise.all([turns.settled(), after, expect(slow).rejects.toThrow("slow")]);
  expect(seen).toEqual(["quick", "slow", "after slow"]);
  expect(turns.size).toBe(0);
  await turns.next();
});
