import { expect, test } from "vitest";
import { mib } from "../../../daemon/domain/quantity.ts";
import { DaemonRig } from "../rpc/daemon-rig.ts";
import { scrape } from "./prometheus.ts";

test("what the daemon counts goes with what it did, and no id of a run is in it", async () => {
  const rig = await DaemonRig.serving();
  const { store } = rig.context;
  const read = async () => scrape((await rig.call("daemon.metrics", {})).text);
  const before = await read();
  expect(before.values.get('blut_runs_ended_total{outcome="failed"}')).toBe(0);
  expect(before.values.get("blut_queue_oldest_age_seconds")).toBe(0);
  const waiting = await rig.submit("exit 0");
  const bad = await rig.submit("exit 3");
  const queued = await read();
  expect(queued.values.get('blut_runs{state="queued"}')).toBe(2);
  expect(queued.values.get("blut_queue_steps")).toBe(2);
  rig.begin();
  await rig.ended(waiting);
  await rig.ended(bad);
  const held = await rig.submit("sleep 600", { memory: { firstBytes: 64 * mib } });
  await expect
    .poll(async () => (await read()).values.get("blut_memory_reserved_bytes"))
    .toBe(64 * mib);
  // What the start of the last one appends may come between an answer and a look at the store.
  await expect
    .poll(async () => (await read()).values.get("blut_events_total") === store.events.bounds().last)
    .toBe(true);
  const { values, types } = await read();
  expect(values.get('blut_runs_ended_total{outcome="succeeded"}')).toBe(1);
  expect(values.get('blut_runs_ended_total{outcome="failed"}')).toBe(1);
  expect(values.get('blut_attempts_ended_total{outcome="succeeded"}')).toBe(1);
  expect(values.get('blut_attempts_ended_total{outcome="failed"}')).toBe(1);
  expect(values.get('blut_oom_kills_total{by="own-limit"}')).toBe(0);
  expect(values.get("blut_attempts_live")).toBe(1);
  expect(values.get("process_resident_memory_bytes")).toBeGreaterThan(10 * mib);
  expect(types.get("blut_schedule_lateness_seconds")).toBe("histogram");
  expect([...values.keys()].filter((key) => /run_|att_|sleep/.test(key))).toEqual([]);
  await rig.call("daemon.pause", {});
  expect((await read()).values.get('blut_hold{mode="pause"}')).toBe(1);
  await rig.call("run.cancel", { runs: [held], now: true });
  await rig.ended(held);
  expect((await read()).values.get('blut_attempts_ended_total{outcome="cancelled"}')).toBe(1);
});

test("the head of the queue that comes to wait is one stop, however often it is looked at", async () => {
  const rig = await DaemonRig.serving();
  rig.begin();
  const stops = async () =>
    scrape((await rig.call("daemon.metrics", {})).text).values.get(
      'blut_admission_stops_total{reason="lock"}',
    );
  const first = await rig.submit("sleep 600", { locks: ["one"] });
  await expect.poll(async () => (await rig.call("run.get", { run: first })).state).toBe("running");
  const second = await rig.submit("exit 0", { locks: ["one"] });
  await expect.poll(stops).toBe(1);
  for (let i = 0; i < 3; i++) await rig.submit("exit 0", { locks: ["one"] });
  expect(await stops()).toBe(1);
  await rig.call("run.cancel", { runs: [first], now: true });
  await rig.ended(second);
});
