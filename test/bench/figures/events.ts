/*
 * What fifty stages say at once: each appends a thousand metric lines a second to its event file. Every line
 * must be in the metrics that blut kept, and the daemon, which also watches the attempts' memory meanwhile,
 * must stay below one core and keep its size. What the stages themselves use is not counted.
 */
import { join } from "node:path";
import { setInterval } from "node:timers";
import { BenchDaemon, call, submit, untilEnded } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { cpuMs, residentBytes } from "../support/process-facts.ts";

const mib = 1024 ** 2;
const stages = 50;
const rate = 1000;
const seconds = 30;
/** The daemon has its working size by then. */
const settledMs = 10_000;
const chatter = join(import.meta.dirname, "../../fixtures/stages/chatter");

await using daemon = await new BenchDaemon().start();
const connection = await daemon.connect();

say(`${stages} stages say ${rate} lines a second each, for ${seconds} s`);
const beganMs = performance.now();
const cpuBefore = cpuMs(daemon.pid);
const ids = await Promise.all(
  Array.from({ length: stages }, () =>
    submit(connection, [chatter, String(rate * seconds), String(rate)], {
      memory: { firstBytes: 32 * mib },
    }),
  ),
);
let settledBytes = 0;
let highestBytes = 0;
const look = setInterval(() => {
  const bytes = residentBytes(daemon.pid);
  if (performance.now() - beganMs < settledMs) settledBytes = Math.max(settledBytes, bytes);
  else highestBytes = Math.max(highestBytes, bytes);
}, 100);
await untilEnded(connection, ids);
clearInterval(look);
const cores = (cpuMs(daemon.pid) - cpuBefore) / (performance.now() - beganMs);
const tookSeconds = (performance.now() - beganMs) / 1000;

let kept = 0;
for (const run of ids) {
  const { attempts } = await call(connection, "run.metrics", { run });
  for (const { series } of attempts) kept += series.reduce((sum, { count }) => sum + count, 0);
}

report(
  {
    what: `lines lost of ${stages} stages at ${rate} a second`,
    unit: "lines",
    value: stages * rate * seconds - kept,
    target: { of: "value", is: "at most", bound: 0 },
  },
  {
    what: "cores the daemon used meanwhile",
    unit: "cores",
    value: cores,
    target: { of: "value", is: "at most", bound: 1 },
  },
  {
    what: "growth of the daemon once it had its size",
    unit: "MiB",
    value: Math.max(0, highestBytes - settledBytes) / mib,
    target: { of: "value", is: "at most", bound: 20 },
  },
  {
    what: "lines heard a second",
    unit: "lines/s",
    value: kept / tookSeconds,
  },
);
