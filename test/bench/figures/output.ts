/*
 * A run that writes as fast as it can: `dd` tells how long its writing took, in a run and into a plain file
 * beside it, and the daemon's memory is looked at while it goes on.
 */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setInterval } from "node:timers";
import { BenchDaemon, call, submit, untilEnded } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { residentBytes } from "../support/process-facts.ts";
import { duel, duelFigures } from "../support/samples.ts";

const mib = 1024 ** 2;
const rounds = 7;
const dd = ["/bin/dd", "if=/dev/zero", "bs=64k", "count=16384"] as const;

await using daemon = await new BenchDaemon().start();
const connection = await daemon.connect();
let highestBytes = 0;

async function asRun(): Promise<number[]> {
  const id = await submit(connection, [...dd], { memory: { firstBytes: 2048 * mib } });
  await untilEnded(connection, [id]);
  const { base64 } = await call(connection, "run.log", { run: id, stream: "stderr" });
  return [msOf(Buffer.from(base64, "base64").toString())];
}

async function intoFile(): Promise<number[]> {
  const [out, err] = ["plain.out", "plain.err"].map((name) => join(daemon.directory, name));
  if (out === undefined || err === undefined) throw new Error("no names");
  const [stdout, stderr] = [openSync(out, "w"), openSync(err, "w")];
  spawnSync(dd[0], dd.slice(1), { stdio: ["ignore", stdout, stderr] });
  for (const descriptor of [stdout, stderr]) closeSync(descriptor);
  const ms = msOf(readFileSync(err, "utf8"));
  rmSync(out);
  return Promise.resolve([ms]);
}

/** `1073741824 bytes (1.1 GB, 1.0 GiB) copied, 0.353 s, 3.0 GB/s` */
function msOf(words: string): number {
  const seconds = /copied, ([\d.e-]+) s/.exec(words)?.[1];
  if (seconds === undefined) throw new Error(`dd said ${words}`);
  return Number(seconds) * 1000;
}

say("warming up");
for (let i = 0; i < 3; i++) await asRun();
const beforeBytes = residentBytes(daemon.pid);
const look = setInterval(() => {
  highestBytes = Math.max(highestBytes, residentBytes(daemon.pid));
}, 20);
say("writing 1 GiB, again and again");
const found = await duel(rounds, asRun, intoFile);
clearInterval(look);

report(
  {
    what: "a run that writes 1 GiB",
    unit: "ms",
    ...duelFigures(found, "into a plain file"),
    target: { of: "ratio", is: "at most", bound: 1.1 },
  },
  {
    what: "growth of the daemon while it is written",
    unit: "MiB",
    value: (highestBytes - beforeBytes) / mib,
    target: { of: "value", is: "at most", bound: 20 },
  },
);
