/*
 * What starting through blut costs: from the call of `run.submit` on an open connection to the command's
 * first instruction, against `systemd-run --user --scope` from its start. The command is `date` in both, so
 * its own start is in both. One at a time, on a box that is quiet in between.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BenchDaemon, call, submit, untilEnded } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { duel, duelFigures, median } from "../support/samples.ts";

const perRound = 10;
const rounds = 9;
const quietMs = 100;
const date = ["/bin/date", "+%s%N"] as const;
const blutctl = join(import.meta.dirname, "../../../dist/blut/client/blutctl.js");

await using daemon = await new BenchDaemon().startWarm();
const connection = await daemon.connect();

/** The wall clock, epoch ms with its fraction. */
const now = (): number => performance.timeOrigin + performance.now();

async function firstInstruction(run: string): Promise<number> {
  await untilEnded(connection, [run]);
  const { base64 } = await call(connection, "run.log", { run, stream: "stdout" });
  return Number(Buffer.from(base64, "base64").toString()) / 1e6;
}

/** Starts it so often; answers how long each took to get there. */
function starts(start: (calledAt: number) => Promise<number>) {
  return async (): Promise<number[]> => {
    const samples: number[] = [];
    for (let i = 0; i < perRound; i++) {
      await sleep(quietMs);
      const calledAt = now();
      samples.push((await start(calledAt)) - calledAt);
    }
    return samples;
  };
}

const bySocket = starts(async () => firstInstruction(await submit(connection, [...date])));
const byClient = starts(() => {
  const args = [blutctl, "--socket", daemon.socket, "submit", "--", ...date];
  return firstInstruction(output(process.execPath, args).trim());
});
const bySystemdRun = starts(() =>
  Promise.resolve(
    Number(output("systemd-run", ["--user", "--scope", "--quiet", "--", ...date])) / 1e6,
  ),
);

function output(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout;
}

say("starting, one at a time");
const found = await duel(rounds, bySocket, bySystemdRun);
await byClient();
const client = await byClient();

report(
  {
    what: "submit to first instruction",
    unit: "ms",
    ...duelFigures(found, "systemd-run --user --scope"),
    target: { of: "ratio", is: "at most", bound: 1 },
  },
  { what: "the same by blutctl submit, Node's start included", unit: "ms", value: median(client) },
);
