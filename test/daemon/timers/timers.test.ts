import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Clock } from "../../../daemon/base/clock.ts";
import { ok } from "../../../daemon/domain/result.ts";
import { delayOf } from "../../../daemon/timers/delay.ts";
import { ScheduleShelf } from "../../../daemon/timers/files/shelf.ts";
import type { OtherClock } from "../../../daemon/timers/other-clock/handover.ts";
import { Timers } from "../../../daemon/timers/timers.ts";
import { DaemonRig } from "../rpc/daemon-rig.ts";

const hourMs = 3_600_000;
const start = Date.UTC(2026, 0, 1, 12, 30);

/** A wall clock that is set by hand, apart from the monotonic one; what was asked for wakes when told to. */
class HandClock implements Clock {
  wall = start;
  #steady = 0;
  readonly #wakes = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.#steady;
  }

  after(ms: number, callback: () => void): () => void {
    if (ms === 0) {
      const soon = setTimeout(callback, 0);
      return () => {
        clearTimeout(soon);
      };
    }
    const wake = { at: this.#steady + ms, callback };
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  /** Both clocks go on; done when whoever that woke sleeps again. */
  async pass(ms: number): Promise<void> {
    this.wall += ms;
    this.#steady += ms;
    for (const wake of [...this.#wakes].filter(({ at }) => at <= this.#steady)) {
      this.#wakes.delete(wake);
      wake.callback();
    }
    await this.asleep();
  }

  async asleep(): Promise<void> {
    await expect.poll(() => this.#wakes.size).toBeGreaterThan(0);
  }
}

/** Stands in for systemd's timers. */
function handClockHolder() {
  const names = new Set<string>();
  const otherClock: OtherClock = {
    hold({ name }) {
      names.add(name);
      return Promise.resolve(ok(undefined));
    },
    release(name) {
      names.delete(name);
      return Promise.resolve(ok(undefined));
    },
    names: () => Promise.resolve(ok([...names])),
  };
  return { otherClock, held: () => [...names] };
}

/** Timers over a real queue in which nothing starts, and a clock that the test holds. */
async function begun(text: string, otherClock?: OtherClock) {
  const rig = await DaemonRig.serving();
  const { store, events, scheduler, recipes, config } = rig.context;
  const directory = config.paths.schedulesDir ?? "";
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, "job.toml"), text);
  const clock = new HandClock();
  const shelf = new ScheduleShelf(directory, clock, (name) => store.scheduleFiles.get(name)?.text);
  const other = otherClock === undefined ? {} : { otherClock };
  const timers = new Timers({ store, events, scheduler, recipes, clock, shelf, ...other });
  timers.start();
  onTestFinished(() => timers.stop());
  await clock.asleep();
  /** What the daemon after this one has. */
  const takeOver = async (): Promise<Timers> => {
    await timers.stop();
    const read = new ScheduleShelf(directory, clock, (name) => store.scheduleFiles.get(name)?.text);
    const next = new Timers({ store, events, scheduler, recipes, clock, shelf: read });
    next.start();
    onTestFinished(() => next.stop());
    await next.loaded;
    await clock.asleep();
    return next;
  };
  const told = (): string[] =>
    store.schedules.ticks("job", 1000).map(({ instant, state, cause, count }) => {
      const many = count > 1 ? ` ${count}` : "";
      return `${(instant - start) / hourMs} ${state} ${cause}${many}`;
    });
  const put = (name: string, changed: string): void => {
    writeFileSync(path.join(directory, `${name}.toml`), changed);
  };
  const write = (changed: string): void => {
    put("job", changed);
  };
  return { clock, told, store, timers, shelf, put, write, takeOver };
}

const hourly = 'cron = "@hourly"\nzone = "UTC"\noverlap = "queue"\ncommand = ["true"]\n';

test("fault 31: a clock that is set back fires no instant a second time", async () => {
  const { clock, told } = await begun(hourly);
  await clock.pass(0.5 * hourMs);
  expect(told()).toEqual(["0.5 fired clock"]);
  clock.wall -= 2 * hourMs;
  for (let i = 0; i < 4; i++) await clock.pass(0.5 * hourMs);
  expect(told()).toEqual(["0.5 fired clock"]);
  for (let i = 0; i < 2; i++) await clock.pass(0.5 * hourMs);
  expect(told()).toEqual(["1.5 fired clock", "0.5 fired clock"]);
});

test("what a person fires leaves the clock's own instants to the clock", async () => {
  const { clock, told, timers, shelf } = await begun(`${hourly}jitter = "59m"\n`);
  const job = shelf.get("job");
  if (job === undefined) throw new Error("no schedule");
  // Between the instant and the end of its jitter.
  const half = Math.ceil(delayOf(job) / 2);
  await clock.pass(0.5 * hourMs + half);
  await timers.fire(job);
  await clock.pass(half);
  expect(told()).toContain("0.5 fired clock");
  expect(told().filter((each) => each.includes("person"))).toHaveLength(1);
});

test("two who fire at the same time find each other: the second is left out", async () => {
  const { clock, told, timers, shelf } = await begun(hourly.replace('"queue"', '"skip"'));
  const job = shelf.get("job");
  if (job === undefined) throw new Error("it was not read");
  const first = timers.fire(job);
  clock.wall += hourMs / 4;
  await Promise.all([first, timers.fire(job)]);
  expect(told()).toEqual(["0.25 skipped person", "0 fired person"]);
});

test("a daemon that dies before it has ended what is replaced leaves that to the next", async () => {
  const { clock, told, store, timers, shelf, write, takeOver } = await begun(hourly);
  const job = shelf.get("job");
  if (job === undefined) throw new Error("it was not read");
  await timers.fire(job);
  clock.wall += hourMs / 4;
  await timers.fire(job);
  // Two go on, as after a kill -9 between the two.
  expect(store.schedules.openTicks("job")).toHaveLength(2);
  write(hourly.replace('"queue"', '"replace"'));
  await takeOver();
  await expect.poll(told).toEqual(["0.25 fired person", "0 cancelled person"]);
});

test("an instant ends the tries of the one before it, and has all of its own", async () => {
  const { clock, told, store, timers, shelf } = await begun(
    `${hourly}on-failure = { retry-after = "10m", retries = 1 }\n`,
  );
  const job = shelf.get("job");
  if (job === undefined) throw new Error("it was not read");
  store.schedules.put({ ...timers.row("job"), retryAt: start + 600_000 });
  clock.wall += 0.5 * hourMs;
  await timers.knock(job);
  expect(told()).toEqual(["0.5 fired clock"]);
  expect(timers.row("job")).toMatchObject({ retries: 0 });
});

test("fault 31: a clock that was days ahead and is set right again goes on at once, and fires nothing twice", async () => {
  const { clock, told } = await begun(hourly);
  await clock.pass(0.5 * hourMs);
  clock.wall += 72 * hourMs;
  await clock.pass(30_000);
  const fired = () => told().filter((each) => each.includes("fired"));
  expect(fired()).toEqual(["72.5 fired clock", "0.5 fired clock"]);
  clock.wall -= 72 * hourMs + 30_000;
  await clock.pass(30_000);
  await clock.pass(hourMs - 30_000);
  expect(fired()).toEqual(["72.5 fired clock", "1.5 fired clock", "0.5 fired clock"]);
  // What the wrong clock missed has come after all: one less was.
  expect(told()).toContain("71.5 missed clock 70");
  // What the wrong clock fired is met again, goes by, and the next one fires.
  for (let hours = 0; hours < 72; hours++) await clock.pass(hourMs);
  const last = fired().slice(0, 3);
  expect(last).toEqual(["73.5 fired clock", "72.5 fired clock", "71.5 fired clock"]);
});

test("jitter puts an instant off by as much as it always does, and by no more", async () => {
  const { clock, told, timers, shelf } = await begun(`${hourly}jitter = "20m"\n`);
  const schedule = shelf.get("job");
  if (schedule === undefined) throw new Error("it was not read");
  const dueAt = timers.timetable.nextAt(schedule) ?? NaN;
  const delayMs = dueAt - start - 0.5 * hourMs;
  expect(delayMs).toBe(delayOf(schedule));
  expect(delayMs > 0 && delayMs < 20 * 60_000).toBe(true);
  await clock.pass(dueAt - start - 1);
  expect(told()).toEqual([]);
  await clock.pass(1);
  expect(told()).toEqual(["0.5 fired clock"]);
  expect(timers.timetable.nextAt(schedule)).toBe(dueAt + hourMs);
});

test("a run that has not started within its time is cancelled", async () => {
  const { clock, told } = await begun(`${hourly}start-within = "10m"\n`);
  await clock.pass(0.5 * hourMs);
  await clock.pass(10 * 60_000 - 1);
  expect(told()).toEqual(["0.5 fired clock"]);
  await clock.pass(1);
  await expect.poll(told).toEqual(["0.5 cancelled clock"]);
});

test("thousands of schedules are planned in many turns of the event loop, and each fires once", async () => {
  const { clock, store, timers, shelf, put, takeOver } = await begun(hourly);
  const many = 900;
  for (let i = 0; i < many; i++) put(`many-${i}`, hourly);
  await timers.reload();
  expect(shelf.schedules).toHaveLength(many + 1);
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const next = await takeOver();
  isOver = true;
  // A hundred to a turn are read, looked at for a clock that was ahead, and planned.
  expect(turns).toBeGreaterThanOrEqual((3 * many) / 100);
  expect(next.timetable.counts()).toMatchObject({ on: many + 1 });
  await clock.pass(0.5 * hourMs);
  const ticks = () =>
    Array.from({ length: many }, (_, i) => store.schedules.ticks(`many-${i}`, 10).length);
  await expect.poll(ticks, { timeout: 30_000 }).toEqual(Array<number>(many).fill(1));
});

test("a recipe that takes long to read keeps no other schedule waiting, nor a reload", async () => {
  const kitchen = mkdtempSync(path.join(tmpdir(), "blut-kitchen-"));
  onTestFinished(() => {
    rmSync(kitchen, { recursive: true });
  });
  const [recipe, gate] = [path.join(kitchen, "slow.ts"), path.join(kitchen, "gate")];
  writeFileSync(
    recipe,
    `import { existsSync } from "node:fs";
     while (!existsSync(${JSON.stringify(gate)})) await new Promise((go) => setTimeout(go, 10));
     throw new Error("no recipe after all");`,
  );
  const { clock, told, store, timers, put } = await begun(hourly);
  put("slow", `cron = "45 12 * * *"\nzone = "UTC"\nrecipe = "${recipe}"\n`);
  await timers.reload();
  await clock.pass(0.25 * hourMs);
  await clock.pass(0.25 * hourMs);
  await expect.poll(told).toEqual(["0.5 fired clock"]);
  await timers.reload();
  expect(store.schedules.ticks("slow", 10)).toEqual([]);
  writeFileSync(gate, "");
  const because = expect.stringContaining("no recipe after all") as string;
  await expect
    .poll(() => store.schedules.ticks("slow", 10))
    .toMatchObject([{ state: "refused", because }]);
});

test("how late a run may start is the same after a restart, jitter included", async () => {
  const { clock, told, shelf, takeOver } = await begun(
    `${hourly}jitter = "20m"\nstart-within = "1m"\n`,
  );
  const job = shelf.get("job");
  if (job === undefined) throw new Error("it was not read");
  expect(delayOf(job)).toBeGreaterThan(60_000);
  await clock.pass(0.5 * hourMs + delayOf(job));
  await clock.pass(59_999);
  await takeOver();
  expect(told()).toEqual(["0.5 fired clock"]);
  await clock.pass(1);
  await expect.poll(told).toEqual(["0.5 cancelled clock"]);
});

test("what is too late to start is not made up for, and what waited too long is in nobody's way", async () => {
  const { clock, told, takeOver } = await begun(
    `${hourly.replace('"queue"', '"skip"')}start-within = "30m"\n`,
  );
  await clock.pass(0.5 * hourMs);
  expect(told()).toEqual(["0.5 fired clock"]);
  clock.wall += 3.75 * hourMs;
  await takeOver();
  await expect.poll(told).toEqual(["3.5 missed clock 3", "0.5 cancelled clock"]);
  clock.wall += 0.5 * hourMs;
  await clock.pass(30_000);
  expect(told()[0]).toEqual("4.5 fired catch-up");
});

test("a jitter that somebody else's clock puts an instant off by does not make it late", async () => {
  const { clock, told, timers, shelf } = await begun(
    `${hourly}jitter = "20m"\ncatch-up = "none"\nstart-within = "1m"\n`,
  );
  const job = shelf.get("job");
  if (job === undefined) throw new Error("it was not read");
  clock.wall += 0.5 * hourMs + 19 * 60_000;
  await timers.knock(job);
  expect(told()).toEqual(["0.5 fired clock"]);
  await clock.pass(59_999);
  expect(told()).toEqual(["0.5 fired clock"]);
  await clock.pass(1);
  await expect.poll(told).toEqual(["0.5 cancelled clock"]);
});

test("an instant that systemd does not call for is fired all the same, after its whole jitter, and on time", async () => {
  const { otherClock, held } = handClockHolder();
  const { clock, told, timers } = await begun(
    `${hourly}via = "systemd"\njitter = "10m"\ncatch-up = "none"\n`,
    otherClock,
  );
  await expect.poll(held).toEqual(["job"]);
  expect(timers.timetable.next()).toEqual({ name: "job", at: start + 0.5 * hourMs });
  await clock.pass(0.5 * hourMs + 10 * 60_000 + 29_999);
  expect(told()).toEqual([]);
  await clock.pass(1);
  await expect.poll(told).toEqual(["0.5 fired clock"]);
});

test("a clock that systemd has no word for is not handed over: it is refused, and nothing changes", async () => {
  const { otherClock, held } = handClockHolder();
  const { timers, store, shelf, put } = await begun(hourly, otherClock);
  put("odd", 'every = "7s"\nenabled = false\ncommand = ["true"]\n');
  await timers.reload();
  const [job, odd] = ["job", "odd"].map((name) => shelf.get(name));
  if (job === undefined || odd === undefined) throw new Error("they were not read");
  const row = store.schedules.get("odd");
  const refused = await timers.setEnabled(odd, true, "systemd");
  if (refused.ok) throw new Error("it was taken");
  expect(refused.error.message).toMatch(/^systemd cannot hold the clock of odd: a day is no /);
  expect(refused.error.remedy).toContain(odd.file);
  expect(store.schedules.get("odd")).toEqual(row);
  expect(timers.timetable.counts()).toMatchObject({ on: 1, off: 1 });
  expect(held()).toEqual([]);
  expect(await timers.setEnabled(job, true, "systemd")).toMatchObject({ ok: true });
  expect(held()).toEqual(["job"]);
});

test("a rule that was changed holds from then on: nothing of it is made up for", async () => {
  const { clock, told, timers, write } = await begun(hourly);
  await clock.pass(0.25 * hourMs);
  write(hourly.replace("@hourly", "*/3 * * * *"));
  await timers.reload();
  expect(told()).toEqual([]);
  await clock.pass(3 * 60_000);
  expect(told()).toEqual(["0.3 fired clock"]);
});

test("a schedule that its file lets rest and fire again makes up for nothing of its rest", async () => {
  const { clock, told, timers, write } = await begun(hourly);
  write(`enabled = false\n${hourly}`);
  await timers.reload();
  expect(timers.timetable.counts()).toEqual({ on: 0, off: 1, paused: 0, broken: 0 });
  expect(timers.timetable.next()).toBeUndefined();
  clock.wall += 5 * hourMs;
  write(hourly);
  await timers.reload();
  expect(timers.timetable.next()).toEqual({ name: "job", at: start + 5.5 * hourMs });
  await clock.pass(0.5 * hourMs);
  expect(told()).toEqual(["5.5 fired clock"]);
});

test("what was missed while nobody looked is made up for once, and the rest is on record", async () => {
  const { clock, told } = await begun(hourly);
  await clock.pass(3.75 * hourMs);
  expect(told()).toEqual(["3.5 fired catch-up", "2.5 missed clock 3"]);
});
