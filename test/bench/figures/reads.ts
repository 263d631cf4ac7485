/*
 * Reads on one connection of a daemon with a long history: `run.get` of runs picked all over it, one at a
 * time and with as many unanswered as a tool would have that sends without waiting.
 */
import { BenchDaemon, call } from "../support/bench-daemon.ts";
import { report, say, type Figure } from "../support/figure.ts";
import { fillWithEnded } from "../support/fill.ts";
import { inFlight, median, quantile, timed } from "../support/samples.ts";

const stored = 100_000;
const perRound = 10_000;
const rounds = 5;

say(`storing ${stored} runs`);
const ids: string[] = [];
await using daemon = await new BenchDaemon().prepare(async (store) => {
  await fillWithEnded(store, stored);
  ids.push(...store.runs.list({ limit: stored }).map(({ id }) => id));
});
await daemon.start();
const connection = await daemon.connect();

/** An order that visits everything and never a neighbour. */
const pick = (i: number): string => ids[(i * 7919) % ids.length] ?? "";

async function reads(unanswered: number): Promise<Figure[]> {
  const rates: number[] = [];
  const waits: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const ms = await timed(() =>
      inFlight(unanswered, perRound, async (i) => {
        const wait = await timed(() => call(connection, "run.get", { run: pick(i) }));
        if (round >= 0) waits.push(wait);
      }),
    );
    if (round >= 0) rates.push((perRound / ms) * 1000);
  }
  const how = unanswered === 1 ? "one at a time" : `${unanswered} unanswered`;
  return [
    {
      what: `run.get of ${stored}, ${how}`,
      unit: "/s",
      value: median(rates),
      ...(unanswered > 1 && { target: { of: "value", is: "at least", bound: 5000 } as const }),
    },
    {
      what: `run.get of ${stored}, ${how}: p99`,
      unit: "ms",
      value: quantile(waits, 0.99),
      target: { of: "value", is: "at most", bound: 50 },
    },
  ];
}

say("one at a time");
const single = await reads(1);
say("pipelined");
report(...single, ...(await reads(32)));
