/*
 * What a person waits for: `blutctl runs --json`, the bundled client, against Node's own start; then the
 * same with a long history.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { BenchDaemon } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { fillWithEnded } from "../support/fill.ts";
import { duel, duelFigures, timedEach } from "../support/samples.ts";

const stored = 100_000;
const perRound = 5;
const rounds = 9;
const root = join(import.meta.dirname, "../../..");

await using short = await new BenchDaemon().start();
say(`storing ${stored} runs`);
await using long = await new BenchDaemon().prepare((store) => fillWithEnded(store, stored));
await long.start();

function blutctl({ socket, directory }: BenchDaemon) {
  const args = [join(root, "dist/blut/client/blutctl.js"), "--socket", socket, "runs", "--json"];
  const env = { ...process.env, XDG_CACHE_HOME: directory };
  return () =>
    timedEach(perRound, () => execFileSync(process.execPath, args, { env, stdio: "pipe" }));
}
const node = () =>
  timedEach(perRound, () => execFileSync(process.execPath, ["-e", "0"], { stdio: "pipe" }));

say("starting clients");
const empty = await duel(rounds, blutctl(short), node);
const full = await duel(rounds, blutctl(long), blutctl(short));

report(
  {
    what: "blutctl runs --json, empty store",
    unit: "ms",
    ...duelFigures(empty, "node -e 0"),
    target: { of: "ratio", is: "at most", bound: 2 },
  },
  {
    what: `blutctl runs --json, ${stored} ended runs`,
    unit: "ms",
    ...duelFigures(full, "the same, empty store"),
    target: { of: "ratio", is: "at most", bound: 1.3 },
  },
);
