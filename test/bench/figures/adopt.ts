/*
 * A daemon that comes back to much work: kill -9 with 200 live scopes, then from its start to the first
 * answer that names all of them running. Nothing starts before that.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BenchDaemon, call, submit } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { median, quantile, timed } from "../support/samples.ts";

const live = 200;
const rounds = 5;
const mib = 1024 ** 2;

await using daemon = await new BenchDaemon().startWarm();
const connection = await daemon.connect();
say(`starting ${live} runs`);
for (let i = 0; i < live; i++) {
  const memory = { firstBytes: 8 * mib };
  const run = await submit(connection, ["/bin/sleep", "3600"], { memory });
  while ((await call(connection, "run.get", { run })).history[0]?.state !== "running") {
    await sleep(10);
  }
}

say("kill -9 and start");
const samples: number[] = [];
for (let round = 0; round < rounds; round++) {
  await daemon.end("SIGKILL");
  const ms = await timed(() => daemon.start());
  const { counts } = await call(await daemon.connect(), "daemon.status", {});
  if (counts.running !== live) throw new Error(`${counts.running} of ${live} were adopted`);
  samples.push(ms);
}

report({
  what: `start to ${live} live scopes adopted, after kill -9`,
  unit: "ms",
  value: median(samples),
  p99: quantile(samples, 0.99),
  target: { of: "value", is: "at most", bound: 3000 },
});
