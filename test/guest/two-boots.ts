import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Boots the guest twice on one disk, for `node PROGRAM before` and `node PROGRAM after`; the power is cut in between.
 * `options` are the guest's. Answers the exit code of the first half that failed, or 0.
 */
export function bootTwice(program: string, options: readonly string[]): number {
  const disk = mkdtempSync(join(tmpdir(), "blut-reboot."));
  const boot = (half: "before" | "after"): number => {
    const args = [join(import.meta.dirname, "guest.ts"), "--disk", disk, ...options];
    const command = [...args, "node", program, half];
    return spawnSync(process.execPath, command, { stdio: "inherit" }).status ?? 1;
  };
  try {
    return boot("before") || boot("after");
  } finally {
    rmSync(disk, { recursive: true, force: true });
  }
}
