/*
 * From kill -9 to service: how long a daemon with a long history needs from its start to its first answer.
 * Node's own start on the same machine is in it, and told beside it.
 */
import { execFileSync } from "node:child_process";
import { BenchDaemon, call, submit } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { fillWithEnded } from "../support/fill.ts";
import { duel, duelFigures, timed } from "../support/samples.ts";

const stored = 100_000;
const rounds = 7;

say(`storing ${stored} runs`);
await using daemon = await new BenchDaemon().prepare((store) => fillWithEnded(store, stored));
await daemon.start();

async function restart(): Promise<number[]> {
  // Something in the log of the database, so that the next start has a crash to recover from.
  const connection = await daemon.connect();
  await call(connection, "daemon.pause", { reason: "a figure is measured" });
  for (let i = 0; i < 100; i++) await submit(connection, ["/bin/true"]);
  await daemon.end("SIGKILL");
  return [
    await timed(async () => {
      await daemon.start();
      await call(await daemon.connect(), "daemon.status", {});
    }),
  ];
}

say("kill -9 and start");
const found = await duel(rounds, restart, async () => [
  await timed(() => execFileSync(process.execPath, ["-e", "0"])),
]);

report({
  what: `start to first answer with ${stored} runs, after kill -9`,
  unit: "ms",
  ...duelFigures(found, "node -e 0"),
  target: { of: "value", is: "at most", bound: 1000 },
});
