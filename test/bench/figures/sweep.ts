/*
 * A sweep of 200 points of 300 MB each on a box that gives 4 GB: what is reserved never passes the budget,
 * and while points wait nearly all that can be packed is in use.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { PlanSpec } from "../../../daemon/protocol/schemas/plan.ts";
import { BenchDaemon, call } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";

const points = 200;
const pointBytes = 300e6;
const budgetBytes = 4e9;
const sampleMs = 50;
/** What fits into the budget at once. */
const packed = Math.floor(budgetBytes / pointBytes) * pointBytes;

// The box may have less than it says here: the points only sleep, and are held to what they asked for.
await using daemon = await new BenchDaemon([
  ...["--budget", String(budgetBytes), "--reserve", "64M", "--cpus", "64"],
]).startWarm();
const connection = await daemon.connect();

const step = (name: string): PlanSpec["steps"][0] => ({
  ...{ name, cwd: "/", argv: ["sleep", "2"] },
  memory: { firstBytes: pointBytes, ceilingBytes: pointBytes },
});
const [first = step("p-0"), ...others] = Array.from({ length: points }, (_, i) => step(`p-${i}`));
const { id } = await call(connection, "run.submit", {
  plan: { steps: [first, ...others] },
  env: { PATH: "/usr/bin:/bin" },
});

const reserved: number[] = [];
let most = 0;
for (;;) {
  const { memory } = await call(connection, "daemon.status", {});
  const { state, stepCounts } = await call(connection, "run.get", { run: id, stepsLimit: 0 });
  most = Math.max(most, memory.reservedBytes);
  // Its last handful can fill nothing: what counts is the time in which there was something to pack.
  if ((stepCounts.ready ?? 0) > 0 && reserved.push(memory.reservedBytes) % 100 === 0) {
    say(`${stepCounts.succeeded ?? 0} of ${points} are over`);
  }
  if (state === "succeeded") break;
  if (state !== "queued" && state !== "running") throw new Error(`the sweep ended ${state}`);
  await sleep(sampleMs);
}
const mean = reserved.reduce((sum, bytes) => sum + bytes, 0) / reserved.length;

report(
  {
    what: "most that was reserved, of the budget",
    unit: "%",
    value: (most / budgetBytes) * 100,
    target: { of: "value", is: "at most", bound: 100 },
  },
  {
    what: "mean reserved while points wait, of what can be packed",
    unit: "%",
    value: (mean / packed) * 100,
    target: { of: "value", is: "at least", bound: 80 },
  },
);
