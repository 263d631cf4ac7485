/*
 * A daemon with nothing to do: processor time, wake-ups and memory; and its memory with a long history, and
 * with a long queue that may not start. Before it rests it has answered a thousand calls, as one that has lived has.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BenchDaemon, call, submit, untilEnded } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { fillWithEnded, fillWithQueued } from "../support/fill.ts";
import { residentBytes, rest, restMs, settleMs } from "../support/process-facts.ts";

/** More than are listed, and as many as retention lets stand. */
const [few, many] = [100, 10_000];
const endedAgoMs = 3_600_000;
const queued = 100_000;
const mib = 1024 ** 2;

/** Uses a daemon for a moment, as its people would. */
async function use(daemon: BenchDaemon): Promise<void> {
  const connection = await daemon.connect();
  for (let i = 0; i < 500; i++) {
    await call(connection, "daemon.status", {});
    await call(connection, "run.list", { limit: 50 });
  }
  connection.close();
}

await using daemon = await new BenchDaemon().startWarm();
const connection = await daemon.connect();
await untilEnded(connection, [await submit(connection, ["/bin/true"])]);
await use(daemon);
const { busyPercent, wakeUpsPerSecond } = await rest(daemon.pid);
const restingBytes = residentBytes(daemon.pid);

/** What a daemon weighs that has so many ended runs in its books and has listed them. */
async function heldWith(ended: number): Promise<number> {
  say(`storing ${ended} runs`);
  await using daemon = await new BenchDaemon().prepare((store) =>
    fillWithEnded(store, ended, endedAgoMs),
  );
  await daemon.startWarm();
  await use(daemon);
  await sleep(settleMs);
  return residentBytes(daemon.pid);
}

const [youngBytes, oldBytes] = [await heldWith(few), await heldWith(many)];

say(`queueing ${queued} runs`);
await using paused = await new BenchDaemon().prepare((store) => fillWithQueued(store, queued));
await paused.start();
await use(paused);
await sleep(settleMs);

report(
  {
    what: `idle: processor time over ${restMs / 1000} s`,
    unit: "%",
    value: busyPercent,
    target: { of: "value", is: "at most", bound: 0.1 },
  },
  { what: "idle: wake-ups", unit: "/s", value: wakeUpsPerSecond },
  {
    what: "idle: resident memory",
    unit: "MiB",
    value: restingBytes / mib,
    target: { of: "value", is: "at most", bound: 100 },
  },
  {
    what: `${many} ended: resident memory`,
    unit: "MiB",
    value: oldBytes / mib,
    peer: { what: `${few} ended`, value: youngBytes / mib },
    ratio: oldBytes / youngBytes,
    target: { of: "ratio", is: "at most", bound: 1.05 },
  },
  {
    what: `${queued} queued: resident memory`,
    unit: "MiB",
    value: residentBytes(paused.pid) / mib,
    target: { of: "value", is: "at most", bound: 250 },
  },
);
