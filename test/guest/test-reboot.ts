import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * fault 6: a real power cut. Two boots on one disk: the first is switched off while work is queued, runs
 * and has ended; the second must find all of it. The guest's half is test/system-reboot/halves.ts.
 *
 *     node test/guest/test-reboot.ts [--suite NAME]
 */
const here = import.meta.dirname;
const halves = "test/system-reboot/halves.ts";
const disk = mkdtempSync(join(tmpdir(), "blut-reboot."));

function boot(half: "before" | "after"): number {
  const args = [
    join(here, "guest.ts"),
    "--timeout",
    "120",
    "--disk",
    disk,
    ...process.argv.slice(2),
  ];
  const guest = spawnSync(process.execPath, [...args, "node", halves, half], { stdio: "inherit" });
  return guest.status ?? 1;
}

try {
  process.exitCode = boot("before") || boot("after");
} finally {
  rmSync(disk, { recursive: true, force: true });
}
