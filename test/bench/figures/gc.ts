/*
 * Collecting 20,000 of 100,000 runs, their directories too, while submits go on: how long it takes against
 * rm -rf of directories just like them, how long the daemon stood still at most, and what a submit waited.
 * A pause in between tells what the same submits wait when nothing is collected.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "../../../client/connection.ts";
import type { Store } from "../../../daemon/store/store.ts";
import { BenchDaemon, call, submit } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { fillWithEnded } from "../support/fill.ts";
import { quantile, timed } from "../support/samples.ts";

const stored = Number(process.env["BLUT_BENCH_RUNS"] ?? 100_000);
const collected = stored / 5;
const atEase = 200;
const hour = 3_600_000;
const files = ["status.jsonl", "main/1/stdout.log", "main/1/stderr.log", "main/1/context.json"];

/** A directory as a run of one command leaves it. */
function leave(directory: string): void {
  mkdirSync(join(directory, "main/1"), { recursive: true });
  for (const file of files) writeFileSync(join(directory, file), "x".repeat(500));
}

/** What a call waits, one after the other, until `until` says that it is enough. */
async function waits(work: () => Promise<unknown>, until: () => boolean): Promise<number[]> {
  const found: number[] = [];
  while (!until()) found.push(await timed(work));
  return found;
}

async function fill(store: Store): Promise<void> {
  await fillWithEnded(store, stored, hour);
  for (const { id } of store.retention.ended(collected)) leave(join(runsDir, id));
}

const daemon = new BenchDaemon();
const runsDir = join(daemon.directory, "state/runs");
mkdirSync(runsDir, { mode: 0o700 });
say(`storing ${stored} runs, ${collected} of them with directories`);
await using held = await daemon.prepare(fill);
for (let n = 0; n < collected; n++) leave(join(daemon.directory, "peer", String(n)));
const peerMs = await timed(() => execFileSync("rm", ["-rf", join(daemon.directory, "peer")]));

await held.start();
const [collecting, submitting, asking] = await Promise.all(
  [1, 2, 3].map((): Promise<Connection> => held.connect()),
);
if (collecting === undefined || submitting === undefined || asking === undefined) throw new Error();
await call(submitting, "daemon.pause", { reason: "a figure is measured" });
// What nobody has looked at yet is looked at once, before anything is measured.
say("looking at what they left");
await call(collecting, "retention.collect", { dryRun: true });
const add = () => submit(submitting, ["/bin/true"]);
let left = atEase;
const easeMs = await waits(add, () => left-- === 0);

say(`collecting ${collected}`);
let isDone = false;
const ourMs = timed(() =>
  call(collecting, "retention.collect", { keep: stored - collected }).then((answer) => {
    if (answer.runs !== collected) throw new Error(`it took ${answer.runs}`);
  }),
).finally(() => (isDone = true));
// A call that needs no disk is answered as soon as the event loop is free.
const [busyMs, stallMs] = await Promise.all([
  waits(add, () => isDone),
  waits(
    () => call(asking, "events.unsubscribe", {}),
    () => isDone,
  ),
]);

report(
  {
    what: `collecting ${collected} of ${stored} runs`,
    unit: "ms",
    value: await ourMs,
    peer: { what: "rm -rf of as many directories", value: peerMs },
    ratio: (await ourMs) / peerMs,
  },
  {
    what: "a submit while it collects",
    unit: "ms",
    value: quantile(busyMs, 0.5),
    p99: quantile(busyMs, 0.99),
    peer: { what: "while it does not", value: quantile(easeMs, 0.5), p99: quantile(easeMs, 0.99) },
    ratio: quantile(busyMs, 0.5) / quantile(easeMs, 0.5),
  },
  {
    what: "an answer from memory while it collects",
    unit: "ms",
    value: quantile(stallMs, 0.5),
    p99: quantile(stallMs, 0.99),
  },
  { what: "the longest of them", unit: "ms", value: Math.max(...stallMs) },
);
