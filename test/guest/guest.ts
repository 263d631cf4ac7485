import { mkdtempSync, readFileSync, rmSync, statfsSync, statSync, symlinkSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { parseOptions, type GuestOptions } from "./options.ts";
import { qemuMachine } from "./qemu.ts";
import { writeRequest } from "./request.ts";
import { runSession, type Outcome } from "./session.ts";
import { umlMachine } from "./uml.ts";

const tree = join(import.meta.dirname, "..", "..");
const guestUid = 1000;

/** Boots a guest for one command and answers the exit code this process shall have. */
async function runGuest(options: GuestOptions): Promise<number> {
  warnIfUnreadable();
  const directory = mkdtempSync(join(memoryDirectory(), "blut-guest."));
  process.on("exit", () => {
    rmSync(directory, { recursive: true, force: true });
  });
  symlinkSync(tree, join(directory, "tree"));
  const machine = options.qemu
    ? await qemuMachine(options, directory, tree)
    : await umlMachine(options, directory);
  writeRequest(options, directory, machine.extraFiles);
  const startedAt = performance.now();
  const outcome = await runSession(machine, directory, {
    timeoutMs: options.timeoutMs,
    onReady: (upSeconds) => {
      const bootMs = Math.round(performance.now() - startedAt);
      say(`${options.suite} is up after ${bootMs} ms (${upSeconds} s by its own clock)`);
    },
  });
  const console = readFileSync(join(directory, "console"), "utf8");
  return exitCode(outcome, options, console);
}

function exitCode(outcome: Outcome, options: GuestOptions, console: string): number {
  switch (outcome.kind) {
    case "exited":
      return outcome.code;
    case "timed-out":
      say(
        `switched off after ${String(options.timeoutMs)} ms, as --timeout asked; ${tail(console)}`,
      );
      return 124;
    case "interrupted":
      say(`switched off by ${outcome.signal}`);
      return 128 + constants.signals[outcome.signal];
    case "reader-gone":
      return 128 + constants.signals.SIGPIPE;
    case "died":
      say(`the guest died; ${tail(console)}`);
      return 125;
  }
}

/** What the kernel and the early boot said last. */
function tail(console: string): string {
  const lines = console.trimEnd().split("\n").slice(-60);
  return console === "" ? "its console is empty" : `its console ended with\n${lines.join("\n")}`;
}

/** The guest's memory and disk lie in the host's memory where there is room: a boot is then twice as fast. */
function memoryDirectory(): string {
  const neededBytes = 3 * 1024 ** 3;
  const place = statfsSync("/dev/shm", { bigint: false });
  return place.bavail * place.bsize >= neededBytes ? "/dev/shm" : tmpdir();
}

function warnIfUnreadable(): void {
  const { mode, uid } = statSync(tree);
  const bits = uid === guestUid ? mode >> 6 : mode;
  if ((bits & 0o5) !== 0o5) {
    say(`the guest's user cannot read this tree: chmod -R go+rX ${tree}`);
  }
}

function say(text: string): void {
  console.error(`guest: ${text}`);
}

try {
  process.exitCode = await runGuest(parseOptions(process.argv.slice(2)));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 125;
}
