import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, createReadStream, openSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Duplex } from "node:stream";
import { forwardedSignals, type Machine } from "./machine.ts";

/** How a boot ended. */
export type Outcome =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "timed-out" }
  | { readonly kind: "interrupted"; readonly signal: NodeJS.Signals }
  | { readonly kind: "reader-gone" }
  | { readonly kind: "died" };

export interface SessionOptions {
  readonly timeoutMs: number | undefined;
  /** Called once, when the command is about to start; `upSeconds` is the guest's own clock. */
  readonly onReady: (upSeconds: string) => void;
}

/** How long the command may take to obey a forwarded signal before the machine is switched off. */
const graceMs = 10_000;

/**
 * Starts the machine, passes the command's output through, forwards signals, and resolves when the
 * machine is gone. Whatever the way out, no process of it is left: it leads a process group of its own,
 * which is killed, by a guardian if we cannot do it any more. The console is in `directory`/console.
 */
export async function runSession(
  machine: Machine,
  directory: string,
  options: SessionOptions,
): Promise<Outcome> {
  const child = start(machine, directory);
  let outcome: Outcome | undefined;
  const end = (reason: Outcome): void => {
    outcome ??= reason;
    switchOff(child);
  };
  passOutput(child, end);
  // Machines with a disk to read it from leave this line alone.
  createReadStream(join(directory, "request.tar")).pipe(line(child, 6));
  const stopListening = listen(child, options.onReady, end);
  const timer = options.timeoutMs && setTimeout(end, options.timeoutMs, { kind: "timed-out" });
  try {
    await closed(child);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
  return outcome ?? { kind: "died" };
}

function passOutput(child: ChildProcess, end: (reason: Outcome) => void): void {
  for (const [fd, target] of [
    [3, process.stdout],
    [4, process.stderr],
  ] as const) {
    line(child, fd).pipe(target, { end: false });
    target.once("error", () => {
      end({ kind: "reader-gone" }); // as `guest | head` makes it
    });
  }
}

/** Speaks with the guest on its control line: hears of the command, tells it our signals. */
function listen(
  child: ChildProcess,
  onReady: SessionOptions["onReady"],
  end: (reason: Outcome) => void,
): () => void {
  const control = line(child, 5);
  let state: "booting" | "running" | "ending" = "booting";
  let grace: NodeJS.Timeout | undefined;
  createInterface({ input: control }).on("line", (text) => {
    const [word, value = ""] = text.split(" ");
    if (word === "exit") end({ kind: "exited", code: Number(value) });
    if (word !== "ready") return;
    state = "running";
    onReady(value);
  });
  const onSignal = (signal: NodeJS.Signals): void => {
    // Nobody to tell yet, or told once already: the second Ctrl-C means it.
    if (state !== "running") {
      end({ kind: "interrupted", signal });
      return;
    }
    state = "ending";
    control.write(`signal ${signal.slice("SIG".length)}\n`);
    grace = setTimeout(end, graceMs, { kind: "interrupted", signal });
  };
  for (const signal of forwardedSignals) process.on(signal, onSignal);
  return () => {
    clearTimeout(grace);
    for (const signal of forwardedSignals) process.off(signal, onSignal);
  };
}

function closed(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    // Its processes may outlive the first of them, and would hold our ends of the lines open.
    child.once("exit", () => {
      switchOff(child);
    });
    child.once("close", () => {
      resolve();
    });
  });
}

function start(machine: Machine, directory: string): ChildProcess {
  const console = openSync(join(directory, "console"), "a");
  const child = spawn(machine.program, machine.args, {
    stdio: ["ignore", console, console, "pipe", "pipe", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: directory }, // user-mode Linux keeps the guest's memory there
    detached: true,
  });
  closeSync(console);
  if (child.pid !== undefined) startGuardian(child.pid, directory);
  return child;
}

/**
 * A shell that waits for our end, kill -9 included, which closes its input; then it ends what the
 * machine left. A death signal from the kernel would not do: it reaches the machine's first process only.
 */
function startGuardian(group: number, directory: string): void {
  const script = 'read -r _; kill -s KILL -- "-$1" 2> /dev/null; rm -rf "$2"';
  const guardian = spawn("sh", ["-c", script, "guardian", String(group), directory], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guardian.unref();
  const lifeline: unknown = guardian.stdin; // a socket; its type does not say so
  if (lifeline instanceof Socket) lifeline.unref();
}

/** One of the child's extra descriptors. */
function line(child: ChildProcess, fd: number): Duplex {
  const stream = child.stdio[fd];
  if (!(stream instanceof Duplex)) throw new Error(`descriptor ${fd} is no pipe`);
  stream.on("error", () => undefined); // a machine that is gone resets its lines; its end is told by "close"
  return stream;
}

function switchOff(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // the whole group is gone already
  }
}
