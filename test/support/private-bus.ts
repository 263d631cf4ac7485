import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A message bus of the test's own, which may be killed and come back at the same address. */
export class PrivateBus {
  readonly #directory = mkdtempSync(join(tmpdir(), "blut-bus-"));
  readonly address = `unix:path=${join(this.#directory, "socket")}`;
  #daemon: ChildProcess | undefined;

  static async start(): Promise<PrivateBus> {
    const bus = new PrivateBus();
    await bus.start();
    return bus;
  }

  /** Starts the daemon and waits until it says that it listens. */
  async start(): Promise<void> {
    const daemon = spawn(
      "dbus-daemon",
      ["--session", "--nofork", "--nopidfile", `--address=${this.address}`, "--print-address=3"],
      { stdio: ["ignore", "ignore", "ignore", "pipe"] },
    );
    this.#daemon = daemon;
    const ready = daemon.stdio[3];
    if (!ready) throw new Error("no pipe to dbus-daemon");
    await Promise.race([
      once(ready, "data"),
      once(daemon, "error").then(([error]) => {
        throw error;
      }),
      once(daemon, "exit").then(() => {
        throw new Error("dbus-daemon did not start");
      }),
    ]);
  }

  /** kill -9, and waits until it is dead. */
  async kill(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    this.#daemon = undefined;
    const exited = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await exited;
  }

  /** Stops or continues it: a bus that is there and says nothing. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#daemon?.kill(signal);
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
