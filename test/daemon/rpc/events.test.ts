import { describe, expect, it } from "vitest";
import { ok } from "../../../daemon/domain/result.ts";
import type { BlutEvent } from "../../../daemon/domain/event.ts";
import { DaemonRig } from "./daemon-rig.ts";
import type { RawClient } from "./rig.ts";

/** Appends so many events in one commit. */
async function append(rig: DaemonRig, count: number, text = "x"): Promise<void> {
  const { store, events } = rig.context;
  await store.write(() => {
    for (let i = 0; i < count; i++) events.append("daemon.paused", { facts: { text } });
    return ok(undefined);
  });
}

async function sequence(client: RawClient, count: number): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < count) {
    const { method, params } = await client.next();
    if (method !== "events.event") throw new Error(`got ${String(method)}`);
    seen.push((params as BlutEvent).seq);
  }
  return seen;
}

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe("events", () => {
  it("are listed page by page from a cursor", async () => {
    const rig = await DaemonRig.serving();
    await append(rig, 5);
    const first = await rig.call("events.list", { limit: 3 });
    expect([first.events.map(({ seq }) => seq), first.missed, first.next]).toEqual([
      [1, 2, 3],
      0,
      3,
    ]);
    const second = await rig.call("events.list", { since: first.next });
    expect(second.events.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(await rig.call("events.list", { since: 5 })).toEqual({ events: [], missed: 0, next: 5 });
  });

  it("are sent from a cursor on, the old ones first, then as they happen, none twice", async () => {
    const rig = await DaemonRig.serving();
    await append(rig, 1000);
    const client = await rig.connect();
    expect(await client.call("events.subscribe", { since: 10 })).toMatchObject({
      result: { cursor: 10 },
    });
    await append(rig, 50);
    expect(await sequence(client, 1040)).toEqual(upTo(11, 1050));
    await append(rig, 2);
    expect(await sequence(client, 2)).toEqual([1051, 1052]);
  });

  it("without a cursor are only what is new", async () => {
    const rig = await DaemonRig.serving();
    await append(rig, 5);
    const client = await rig.connect();
    expect(await client.call("events.subscribe")).toMatchObject({ result: { cursor: 5 } });
    await append(rig, 1);
    expect(await sequence(client, 1)).toEqual([6]);
  });

  it("that the log dropped are counted, told and left out", async () => {
    const rig = await DaemonRig.serving();
    await append(rig, 100);
    rig.context.store.events.trim(10);
    expect(await rig.call("events.list", { since: 20, limit: 1 })).toMatchObject({ missed: 70 });
    const client = await rig.connect();
    await client.call("events.subscribe", { since: 20 });
    expect(await client.next()).toMatchObject({
      method: "events.gap",
      params: { missed: 70, next: 90 },
    });
    expect(await sequence(client, 10)).toEqual(upTo(91, 100));
  });

  it("from a cursor past the newest are refused: it is of another database", async () => {
    const rig = await DaemonRig.serving();
    await append(rig, 3);
    const { error } = await rig.ask("events.subscribe", { since: 4 });
    expect(error?.data).toMatchObject({ reason: "invalid-request", last: 3 });
  });

  it("end with events.unsubscribe, and a second subscription takes the place of the first", async () => {
    const rig = await DaemonRig.serving();
    const client = await rig.connect();
    await client.call("events.subscribe");
    await client.call("events.subscribe", { since: 0 });
    await append(rig, 2);
    expect(await sequence(client, 2)).toEqual([1, 2]);
    await client.call("events.unsubscribe");
    await append(rig, 2);
    expect(await client.call("events.list", { since: 3 })).toMatchObject({ result: { next: 4 } });
  });

  it("fault 27: a reader 10^5 events behind costs the daemon one page, and misses none", async () => {
    const rig = await DaemonRig.serving();
    await append(rig, 100_000, "x".repeat(100));
    const client = await rig.connect();
    client.socket.pause();
    client.send('{"jsonrpc":"2.0","id":1,"method":"events.subscribe","params":{"since":0}}\n');
    // Others are served while it does not read, and it is not cut off: nothing piles up for it.
    for (let i = 0; i < 50; i++) await rig.call("daemon.status", {});
    await append(rig, 10);
    expect(rig.server.connections).toBeGreaterThan(0);
    expect(rig.log.lines).toEqual([]);
    client.socket.resume();
    expect(await client.next()).toMatchObject({ id: 1 });
    expect(await sequence(client, 100_010)).toEqual(upTo(1, 100_010));
  });
});
