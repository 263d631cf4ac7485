import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { bootTwice } from "./two-boots.ts";

/**
 * The life of the Debian package on a clean system: install, use, upgrade, reboot, remove, purge. The guest's half is
 * test/system-package/halves.ts. Two versions are built of this tree, and one goes before the other.
 *
 *     node test/guest/test-package.ts [--suite NAME]
 */
const root = join(import.meta.dirname, "../..");
const built = join(root, "dist/in-test");
for (const version of ["0.0.1", "0.0.2"]) {
  const args = [join(root, "packaging/package.ts"), "--out", built, "--version", version];
  execFileSync(process.execPath, args, { stdio: "inherit" });
}
const options = ["--root", "--timeout", "600", ...process.argv.slice(2)];
process.exitCode = bootTwice("test/system-package/halves.ts", options);
