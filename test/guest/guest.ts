import { mkdtempSync, rmSync, statfsSync, statSync, symlinkSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { Machine } from "./machine.ts";
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
  const clean = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };
  process.on("exit", clean);
  symlinkSync(tree, join(directory, "tree"));
  const machine = makeMachine(options, directory);
  writeRequest(options, directory, machine.extraFiles);
  const startedAt = performance.now();
  const outcome = await runSession(machine, directory, {
    timeoutMs: options.timeoutMs,
    onReady: (upSeconds) => {
      const bootMs = Math.round(performance.now() - startedAt);
      say(`${options.suite} is up after ${bootMs} ms (${upSeconds} s by its own clock)`);
      // The running guest holds its disk open: without a name it cannot outlive us, even after kill -9.
      rmSync(join(directory, `${options.suite}.cow`), { force: true });
    },
  });
  return exitCode(outcome, options);
}

function makeMachine(options: GuestOptions, directory: string): Machine {
  return options.qemu ? qemuMachine(options, directory, tree) : umlMachine(options, directory);
}

function exitCode(outcome: Outcome, options: GuestOptions): number {
  switch (outcome.kind) {
    case "exited":
      return outcome.code;
    case "timed-out":
      say(`switched off after ${String(options.timeoutMs)} ms, as --timeout asked`);
      return 124;
    case "interrupted":
      say(`switched off by ${outcome.signal}`);
      return 128 + constants.signals[outcome.signal];
    case "reader-gone":
      return 128 + constants.signals.SIGPIPE;
    case "died":
      say(
        `the guest died; its console ended with\n${outcome.console.split("\n").slice(-30).join("\n")}`,
      );
      return 125;
  }
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
