/*
 * A run that writes as fast as it can: `dd` tells how long its writing took, in a run and into a plain file
 * beside it, and the daemon's memory is looked at while it goes on. Of what a run writes beyond its cap the
 * middle is given back meanwhile, and the kernel has the writer wait for that, some 0.07 ms for each MiB; a
 * plain file gives back nothing until it is removed, which is not measured. So a run below its cap is, too.
 */
import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setInterval } from "node:timers";
import type { Connection } from "../../../client/connection.ts";
import { BenchDaemon, call, submit, untilEnded } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { residentBytes } from "../support/process-facts.ts";
import { duel, duelFigures } from "../support/samples.ts";

const mib = 1024 ** 2;
const rounds = 7;
const dd = ["/bin/dd", "if=/dev/zero", "bs=64k", "count=16384"] as const;

await using daemon = await new BenchDaemon().start();
const connection = await daemon.connect();
process.env["BLUT_OUTPUT_CAP"] = "2G";
await using roomy = await new BenchDaemon().start();
const toRoomy = await roomy.connect();
let highestBytes = 0;

async function asRun(to: Connection): Promise<number[]> {
  const id = await submit(to, [...dd], { memory: { firstBytes: 2048 * mib } });
  await untilEnded(to, [id]);
  const { base64 } = await call(to, "run.log", { run: id, stream: "stderr" });
  if (to === toRoomy) rmSync(join(roomy.directory, "state/runs"), { recursive: true });
  return [msOf(Buffer.from(base64, "base64").toString())];
}

/** With the flags that a log is opened with. */
function intoFile(): Promise<number[]> {
  const [out, err] = ["plain.out", "plain.err"].map((name) => join(daemon.directory, name));
  if (out === undefined || err === undefined) throw new Error("no names");
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
  const logFlags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
  const [stdout, stderr] = [openSync(out, logFlags, 0o600), openSync(err, logFlags, 0o600)];
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
for (let i = 0; i < 3; i++) await asRun(connection);
const beforeBytes = residentBytes(daemon.pid);
const look = setInterval(() => {
  highestBytes = Math.max(highestBytes, residentBytes(daemon.pid));
}, 20);
say("writing 1 GiB, again and again");
const capped = await duel(rounds, () => asRun(connection), intoFile);
clearInterval(look);
const whole = await duel(rounds, () => asRun(toRoomy), intoFile);

report(
  {
    what: "a run that writes 1 GiB, of which 100 MiB stay",
    unit: "ms",
    ...duelFigures(capped, "into a plain file"),
    target: { of: "ratio", is: "at most", bound: 1.1 },
  },
  {
    what: "the same below its cap",
    unit: "ms",
    ...duelFigures(whole, "into a plain file"),
    target: { of: "ratio", is: "at most", bound: 1.1 },
  },
  {
    what: "growth of the daemon while it is written",
    unit: "MiB",
    value: (highestBytes - beforeBytes) / mib,
    target: { of: "value", is: "at most", bound: 20 },
  },
);
