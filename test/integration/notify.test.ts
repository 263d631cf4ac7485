import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { Rig } from "../support/rig.ts";

const hooks = path.resolve(import.meta.dirname, "../fixtures/hooks");

interface Told {
  readonly id: string;
  readonly title: string;
  readonly items: readonly { readonly runId?: string }[];
}

/** The notices that `keep-notice` has kept. */
function toldIn(file: string): Told[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Told);
}

const command = (...argv: string[]): Record<string, string> => ({
  BLUT_NOTIFY_COMMAND: JSON.stringify(argv),
  BLUT_NOTIFY_INTERVAL: "1ms",
});

test("a daemon that is killed while a notice is on its way: the next one delivers it, under the same id", async () => {
  await using rig = Rig.prepare({ containment: "polling" });
  const [pids, kept] = [path.join(rig.directory, "pids"), path.join(rig.directory, "kept")];
  await rig.boot({ env: command(path.join(hooks, "hang"), pids) });
  const id = await rig.submit(["false"], { name: "encode" });
  await rig.finished(id);
  // It hangs: the notice has been handed out and nothing has come of it.
  await expect.poll(() => existsSync(pids)).toBe(true);
  const { notices } = await rig.call("notify.list", {});
  expect(notices).toMatchObject([{ state: "due", outcomes: [] }]);
  const [shell = 0] = readFileSync(pids, "utf8").trim().split(" ").map(Number);
  await rig.crash({ env: command(path.join(hooks, "keep-notice"), kept) });
  process.kill(-shell, "SIGKILL");
  await expect
    .poll(() => toldIn(kept))
    .toMatchObject([{ id: notices[0]?.id, items: [{ runId: id }] }]);
});

test("a run that fails while its daemon is dead is told of by the next one, once", async () => {
  await using rig = Rig.prepare({ containment: "polling" });
  const kept = path.join(rig.directory, "kept");
  const env = command(path.join(hooks, "keep-notice"), kept);
  await rig.boot({ env });
  const go = path.join(rig.directory, "go");
  const id = await rig.submit(["sh", "-c", `until [ -e ${go} ]; do sleep 0.1; done; exit 3`]);
  await rig.event("attempt.started", id);
  await rig.end("SIGKILL");
  writeFileSync(go, "");
  await rig.boot({ env });
  expect(await rig.finished(id)).toMatchObject({ state: "failed", exitCode: 3 });
  await expect.poll(() => toldIn(kept)).toMatchObject([{ items: [{ runId: id }] }]);
  const states = async (): Promise<string[]> =>
    (await rig.call("notify.list", {})).notices.map(({ state }) => state);
  await expect.poll(states).toEqual(["over"]);
  await rig.crash({ env });
  const last = await rig.submit(["false"], { name: "final" });
  await rig.finished(last);
  await expect.poll(() => toldIn(kept).length).toBe(2);
  expect(toldIn(kept).flatMap(({ items }) => items.map(({ runId }) => runId))).toEqual([id, last]);
});

test("a hook that fails touches no run, and is seen in status and doctor until it works", async () => {
  await using rig = Rig.prepare({ containment: "polling" });
  await rig.boot({ env: command("/nowhere/tell") });
  const bad = await rig.submit(["false"]);
  await rig.finished(bad);
  await rig.event("notify.failed");
  const good = await rig.submit(["true"]);
  expect((await rig.finished(good)).state).toBe("succeeded");
  const { health } = await rig.call("daemon.status", {});
  expect(health).toMatchObject([
    {
      part: "notify",
      problem: expect.stringContaining("/nowhere/tell could not be started") as string,
    },
  ]);
  const { findings } = await rig.call("daemon.doctor", {});
  expect(findings).toContainEqual(
    expect.objectContaining({ check: "notify", level: "warn", remedy: "blutctl notify test" }),
  );
  const tested = await rig.call("notify.test", {});
  expect(tested.outcomes).toMatchObject([{ way: "command", result: "failed", tries: 1 }]);
  const { ways } = await rig.call("notify.list", {});
  expect(ways).toMatchObject([{ way: "command", failures: 2 }]);
});

test("a test of a hook that works again ends what status and doctor say of it", async () => {
  await using rig = Rig.prepare({ containment: "polling" });
  const [hook, kept] = [path.join(rig.directory, "hook"), path.join(rig.directory, "kept")];
  await rig.boot({ env: command(hook, kept) });
  const tested = await rig.call("notify.test", {});
  expect(tested.outcomes).toMatchObject([{ way: "command", result: "failed" }]);
  expect(await rig.call("notify.list", {})).toMatchObject({
    ways: [{ way: "command", failures: 1 }],
    notices: [],
  });
  symlinkSync(path.join(hooks, "keep-notice"), hook);
  expect((await rig.call("notify.test", {})).outcomes).toMatchObject([{ result: "sent" }]);
  expect((await rig.call("notify.list", {})).ways).toEqual([{ way: "command", failures: 0 }]);
  expect((await rig.call("daemon.status", {})).health).toEqual([]);
});
