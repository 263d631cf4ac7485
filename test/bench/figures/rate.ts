/*
 * Trivial runs, start to end, as many a second as it can: all submitted at once, against a loop of
 * `systemd-run --user --scope --quiet true` that keeps four going.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { BenchDaemon, submit, untilEnded } from "../support/bench-daemon.ts";
import { report, say } from "../support/figure.ts";
import { duel, duelFigures, inFlight, timed } from "../support/samples.ts";

const perRound = 120;
const rounds = 5;
const peersAtOnce = 4;

await using daemon = await new BenchDaemon().startWarm();
const connection = await daemon.connect();

async function byBlut(): Promise<number[]> {
  const ms = await timed(async () => {
    const ids = Array.from({ length: perRound }, () => submit(connection, ["/bin/true"]));
    await untilEnded(connection, await Promise.all(ids));
  });
  return [(perRound / ms) * 1000];
}

async function bySystemdRun(): Promise<number[]> {
  const args = ["--user", "--scope", "--quiet", "/bin/true"];
  const ms = await timed(() =>
    inFlight(peersAtOnce, perRound, async () => {
      const [code] = (await once(spawn("systemd-run", args, { stdio: "ignore" }), "exit")) as [
        number | null,
      ];
      if (code !== 0) throw new Error(`systemd-run ended with ${String(code)}`);
    }),
  );
  return [(perRound / ms) * 1000];
}

say(`${perRound} trivial runs a round`);
report({
  what: "trivial runs, start to end",
  unit: "/s",
  ...duelFigures(await duel(rounds, byBlut, bySystemdRun), `systemd-run, ${peersAtOnce} at once`),
  target: { of: "ratio", is: "at least", bound: 1.2 },
});
