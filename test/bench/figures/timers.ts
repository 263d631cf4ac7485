/*
 * Ten thousand schedules. How late does a run stand on disk in the queue after its instant, and what does
 * a daemon cost that has them all and nothing to do? Nothing starts: the clock is measured, not the work.
 * A thousand an instant is what a second can hold; all of them at one second are told for what they are.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BlutEvent } from "../../../daemon/domain/event.ts";
import { BenchDaemon, call } from "../support/bench-daemon.ts";
import { report, say, type Figure } from "../support/figure.ts";
import { residentBytes, rest, restMs } from "../support/process-facts.ts";
import { quantile } from "../support/samples.ts";

const schedules = 10_000;
const mib = 1024 ** 2;

/** A daemon that has a schedule of this expression so many times over, and holds its queue. */
async function scheduled(cron: string): Promise<BenchDaemon> {
  const daemon = new BenchDaemon();
  const directory = join(daemon.directory, "schedules");
  mkdirSync(directory);
  const config = `[schedules]\npath = ${JSON.stringify(directory)}\n`;
  writeFileSync(join(daemon.directory, "blut.toml"), config);
  await daemon.start();
  await call(await daemon.connect(), "daemon.pause", { reason: "the clock is measured" });
  await daemon.end("SIGTERM");
  const text = `cron = "${cron}"\nzone = "UTC"\noverlap = "queue"\ncommand = ["true"]\n`;
  for (let i = 0; i < schedules; i++) writeFileSync(join(directory, `backup-${i}.toml`), text);
  const began = performance.now();
  await daemon.start();
  await call(await daemon.connect(), "schedule.list", {});
  say(`started, and they were listed, in ${Math.round(performance.now() - began)} ms`);
  return daemon;
}

/** How late each schedule was when it fired for the first time, in ms, as somebody sees it who follows. */
async function lateness(cron: string): Promise<number[]> {
  say(`waiting for ${schedules} of ${cron}`);
  await using daemon = await scheduled(cron);
  const connection = await daemon.connect();
  const late = new Map<string, number>();
  const all = Promise.withResolvers<undefined>();
  connection.onNotice(({ params }) => {
    const { kind, facts } = params as BlutEvent;
    const { schedule, instant } = facts as { schedule: string; instant: number };
    if (kind !== "schedule.fired" || late.has(schedule)) return;
    late.set(schedule, Date.now() - instant);
    if (late.size === schedules) all.resolve(undefined);
  });
  await call(connection, "events.subscribe", {});
  await all.promise;
  return [...late.values()];
}

/** What it costs to have them and to wait. */
async function idle(): Promise<Figure[]> {
  await using daemon = await scheduled("H H 1 1 *");
  const { busyPercent, wakeUpsPerSecond } = await rest(daemon.pid);
  const what = `${schedules} schedules, none due`;
  return [
    {
      what: `${what}: processor time over ${restMs / 1000} s`,
      unit: "%",
      value: busyPercent,
      target: { of: "value", is: "at most", bound: 0.1 },
    },
    { what: `${what}: wake-ups`, unit: "/s", value: wakeUpsPerSecond },
    { what: `${what}: resident memory`, unit: "MiB", value: residentBytes(daemon.pid) / mib },
  ];
}

/** Lateness as a figure: the median, and the p99 that something may be asked of. */
function figures(what: string, late: readonly number[], bound?: number): Figure[] {
  const tail = { what: `${what}: lateness p99`, unit: "ms", value: quantile(late, 0.99) };
  const target = { of: "value", is: "at most", bound: bound ?? 0 } as const;
  return [
    { what: `${what}: lateness`, unit: "ms", value: quantile(late, 0.5) },
    bound === undefined ? tail : { ...tail, target },
  ];
}

const spread = await lateness("H * * * * *");
const burst = await lateness("0 * * * * *");
report(
  ...figures(`${schedules} schedules over a minute`, spread, 250),
  ...figures(`${schedules} schedules at one second`, burst),
  ...(await idle()),
);
