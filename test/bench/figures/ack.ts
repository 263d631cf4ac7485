/*
 * The price of durability: what an acknowledged submit costs over one bare SQLite commit with
 * synchronous=FULL in the same directory, and how many a crowd of clients gets acknowledged. The daemon is
 * paused, so that what it starts does not share the processor with what is measured.
 */
import { join } from "node:path";
import Database from "better-sqlite3";
import { BenchDaemon, call, submit } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { duel, duelFigures, inFlight, median, timed, timedEach } from "../support/samples.ts";

const perRound = 100;
const clients = 64;
const crowdSubmits = 4000;

await using daemon = await new BenchDaemon().start();
const connection = await daemon.connect();
await call(connection, "daemon.pause", { reason: "a figure is measured" });

const bare = new Database(join(daemon.directory, "bare.db"));
bare.pragma("journal_mode = WAL");
bare.pragma("synchronous = FULL");
bare.exec("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)");
const insert = bare.prepare("INSERT INTO rows (text) VALUES (?)");
const text = "x".repeat(200);

say("one client, one submit at a time");
const ack = await duel(
  7,
  () => timedEach(perRound, () => submit(connection, ["/bin/true"])),
  () => timedEach(perRound, () => insert.run(text)),
);
bare.close();

say(`${clients} clients at once`);
const crowd = await Promise.all(Array.from({ length: clients }, () => daemon.connect()));
const rates: number[] = [];
for (let round = 0; round < 5; round++) {
  const ms = await timed(() =>
    inFlight(clients, crowdSubmits, (i) => submit(crowd[i % clients] ?? connection, ["/bin/true"])),
  );
  rates.push((crowdSubmits / ms) * 1000);
}

report(
  {
    what: "ack of one durable submit",
    unit: "ms",
    ...duelFigures(ack, "bare SQLite FULL commit"),
    target: { of: "ratio", is: "at most", bound: 2 },
  },
  {
    what: `submits acknowledged to ${clients} clients`,
    unit: "/s",
    value: median(rates),
    target: { of: "value", is: "at least", bound: 2000 },
  },
);
