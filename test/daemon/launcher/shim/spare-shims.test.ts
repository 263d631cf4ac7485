import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import type { Clock } from "../../../../daemon/base/clock.ts";
import { readProcessTable } from "../../../../daemon/launcher/process-table.ts";
import type { Shim } from "../../../../daemon/launcher/shim/shim.ts";
import { SpareShims } from "../../../../daemon/launcher/shim/spare-shims.ts";

/** Shims on a clock that passes when it is told to, and how to let the quiet after a start pass. */
function spares() {
  const armed = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    after: (_ms, callback) => {
      armed.add(callback);
      return () => armed.delete(callback);
    },
  };
  const passQuiet = (): void => {
    for (const callback of armed) callback();
    armed.clear();
  };
  return { shims: new SpareShims(clock), passQuiet };
}

async function taken(shims: SpareShims): Promise<Shim> {
  const shim = await shims.take();
  if (!shim.ok) throw new Error(shim.error.message);
  return shim.value;
}

async function leave(...shims: readonly Shim[]): Promise<void> {
  for (const shim of shims) shim.abandon();
  await Promise.all(shims.map(({ exited }) => exited));
}

/** Numbers of this process's children now. */
function children(): readonly number[] {
  const ours = readProcessTable().filter(({ parentPid }) => parentPid === process.pid);
  return ours.map(({ pid }) => pid);
}

test("after a start and some quiet, the next finds a shim that waits already", async () => {
  const { shims, passQuiet } = spares();
  const first = await taken(shims);
  shims.replenish();
  passQuiet();
  const there = children();
  const second = await taken(shims);
  expect(there).toContain(second.pid);
  expect(second.pid).not.toBe(first.pid);
  await leave(first, second);
});

test("a start that follows at once spawns its own, and puts the next spare off", async () => {
  const { shims, passQuiet } = spares();
  const first = await taken(shims);
  shims.replenish();
  const second = await taken(shims);
  passQuiet();
  const there = children();
  const third = await taken(shims);
  expect(there).not.toContain(third.pid);
  await leave(first, second, third);
});

test("a spare that was killed while it waited is no attempt's", async () => {
  const { shims, passQuiet } = spares();
  const before = children();
  shims.replenish();
  passQuiet();
  const [spare] = children().filter((pid) => !before.includes(pid));
  process.kill(spare ?? NaN, "SIGKILL");
  // Node reaps whatever is dead when it reaps this one.
  await once(spawn("true"), "exit");
  const shim = await taken(shims);
  expect(shim.pid).not.toBe(spare);
  expect(shim.isGone()).toBe(false);
  await leave(shim);
});
