import { spawnSync } from "node:child_process";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { chapter, Terminal } from "./terminal.ts";
import { DaemonFailed, PrivateDaemon } from "./private-daemon.ts";

type Run = MethodResult<"run.get">;

/** The first limit is meant to be too small: the training needs about 110 MiB. */
const training = [
  ...["submit", "--name", "digits", "--mem", "64M"],
  ...["--", "python3", "python/examples/train_digits.py"],
];

/** Prefers systemd; where it cannot contain, says why in a line and takes the fallback. */
async function startDaemon(): Promise<{ daemon: PrivateDaemon; contained: string }> {
  try {
    const daemon = await PrivateDaemon.start("systemd");
    return { daemon, contained: "by systemd:\na scope of its own with a hard memory limit" };
  } catch (error) {
    if (!(error instanceof DaemonFailed) || error.exitCode !== 78) throw error;
    const why = error.message.split("\n", 1)[0]?.replace(/^blutd: /, "") ?? "";
    console.log(`systemd cannot contain work here (${why});\nusing the polling fallback.`);
    const daemon = await PrivateDaemon.start("polling");
    return {
      daemon,
      contained: "by polling: its memory was sampled,\nits tree killed over the limit",
    };
  }
}

/** The story itself. Throws when a promise it tells of was not kept. */
async function tell(daemon: PrivateDaemon, contained: string, stop: AbortSignal): Promise<void> {
  const terminal = new Terminal(daemon.socket, stop);
  console.log(
    `$ blutd ${daemon.args.slice(0, 2).join(" ")} --state-dir ${daemon.folder}/state ... &`,
  );

  chapter(
    "A first limit that is too small",
    "A real training, on 1,797 handwritten digits. We guess that 64 MB will do.",
  );
  const first = await terminal.ask(...training);
  await terminal.show("log", first, "-f");
  await terminal.show("show", first);
  keptFirst(await runOf(terminal, first));
  console.log("\nAttempt 1 was killed at its own limit, attempt 2 was given more and finished.");

  chapter(
    "The same command again",
    "Its need is known now, so it starts with a limit that fits, whatever we guess.",
  );
  const second = await terminal.ask(...training);
  await terminal.show("explain", second);
  await terminal.show("wait", second);
  keptSecond(await runOf(terminal, second));

  chapter("What blut knows now");
  await terminal.show("runs");
  await terminal.show("explain", second);
  await terminal.show("calibration", "list");
  console.log(`\nEvery attempt was contained ${contained}.`);
}

async function runOf(terminal: Terminal, id: string): Promise<Run> {
  return JSON.parse(await terminal.quietly("show", id, "--json")) as Run;
}

function keptFirst({ state, history }: Run): void {
  const causes = history.map(({ outcome }) => outcome?.cause).join(", ");
  if (state !== "succeeded" || causes !== "out-of-memory, succeeded") {
    throw new Error(`expected one out-of-memory kill and then success, got: ${causes} (${state})`);
  }
}

function keptSecond({ state, history }: Run): void {
  const origins = history.map(({ limitOrigin }) => limitOrigin.kind).join(", ");
  if (state !== "succeeded" || origins !== "measured") {
    throw new Error(`expected one attempt with a measured limit, got: ${origins} (${state})`);
  }
}

/** Ends what still runs, then the daemon; nothing of the demo is left behind. */
async function cleanUp(daemon: PrivateDaemon): Promise<void> {
  const terminal = new Terminal(daemon.socket, AbortSignal.timeout(15_000));
  try {
    const live = JSON.parse(await terminal.quietly("runs", "--json")) as MethodResult<"run.list">;
    const ids = live.runs.filter(({ endedAt }) => endedAt === undefined).map(({ id }) => id);
    if (ids.length > 0) {
      await terminal.quietly("cancel", "--now", ...ids);
      await terminal.quietly("wait", ...ids).catch(() => "cancelled runs end with their own code");
    }
  } finally {
    await daemon.stop();
  }
}

/** Aborts with the exit code to end with, on every polite way of asking the demo to stop. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, code] of Object.entries(exitCodes)) {
    process.on(signal, () => {
      stopping.abort(code);
    });
  }
  // Nobody reads any more (`npm run demo | head`): end as a program killed by SIGPIPE would.
  process.stdout.on("error", () => {
    stopping.abort(141);
  });
  return stopping.signal;
}

async function main(stop: AbortSignal): Promise<number> {
  if (spawnSync("python3", ["--version"]).error !== undefined) {
    console.error("demo: python3 is missing (Debian: apt install python3)");
    return 1;
  }
  let daemon: PrivateDaemon | undefined;
  try {
    chapter("blut demo", "A private blutd in a temporary directory; it is removed at the end.");
    const started = await startDaemon();
    daemon = started.daemon;
    await tell(daemon, started.contained, stop);
    return 0;
  } catch (error) {
    if (stop.aborted) return Number(stop.reason);
    console.error(`\ndemo: ${error instanceof Error ? error.message : String(error)}`);
    if (daemon !== undefined) console.error(["blutd's last words:", ...daemon.said].join("\n  "));
    return 1;
  } finally {
    if (daemon !== undefined) await cleanUp(daemon);
  }
}

process.exitCode = await main(stopSignal());
