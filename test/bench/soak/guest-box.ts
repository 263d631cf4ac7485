import { execFileSync } from "node:child_process";
import { readdirSync, statfsSync } from "node:fs";

const filler = "/soak-filler";

/** Sets the wall clock of the guest, ms. */
export function setClock(at: number): void {
  sudo("date", "-s", `@${(at / 1000).toFixed(3)}`);
}

/** Takes the last free block of the disk, what is reserved for root included. */
export function fillDisk(): void {
  const { bfree, bsize } = statfsSync("/");
  try {
    sudo("fallocate", "-l", String(bfree * bsize), filler);
  } catch {
    // It takes what there is, and fails because its own books need a block, too.
  }
}

/** Gives it back. */
export function freeDisk(): void {
  sudo("rm", "-f", filler);
}

/** Kills the user's bus; its socket starts the next one. */
export function killBus(): void {
  execFileSync("systemctl", ["--user", "kill", "-s", "KILL", "dbus.service"], { stdio: "ignore" });
}

/** Open file descriptors of a process. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function sudo(...words: readonly string[]): void {
  execFileSync("sudo", ["-n", ...words], { stdio: "ignore" });
}
