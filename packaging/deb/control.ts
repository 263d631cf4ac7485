import { createHash } from "node:crypto";
import { globSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { maintainer } from "./documents.ts";

/**
 * The package's control file. Node brings its own libraries but for these; systemd 252 is the oldest that keeps
 * blut's promises, and its user managers need the bus and PAM.
 */
export function controlText(stage: string, version: string): string {
  return `Package: blut
Version: ${version}
Section: admin
Priority: optional
Architecture: amd64
Maintainer: ${maintainer}
Installed-Size: ${installedKib(stage)}
Depends: libc6 (>= 2.34), libgcc-s1, libstdc++6 (>= 11), systemd (>= 252), libpam-systemd, dbus-user-session
Recommends: polkitd
Suggests: fonts-dejavu-core
Description: runs heavy work unattended, within the memory of the box
 blutd runs trainings, encodes, simulations, any command, each in its own
 systemd scope with a hard memory limit, and the box never runs out of memory
 because of it. It learns what every command really needs, starts work only
 when it fits, and gives more after an out-of-memory kill, all by itself.
 .
 This package carries the Node that it runs with.
`;
}

/** As dpkg counts it: each file in whole KiB, and one for whatever is no file. */
function installedKib(stage: string): number {
  return entries(stage).reduce((sum, file) => {
    const status = lstatSync(join(stage, file));
    return sum + (status.isFile() ? Math.ceil(status.size / 1024) : 1);
  }, 0);
}

/** `md5sums`, by which dpkg finds damaged files. */
export function checksums(stage: string): string {
  return entries(stage)
    .filter((file) => lstatSync(join(stage, file)).isFile())
    .map(
      (file) =>
        `${createHash("md5")
          .update(readFileSync(join(stage, file)))
          .digest("hex")}  ${file}\n`,
    )
    .join("");
}

/** The files that an administrator may have changed. */
export function conffiles(stage: string): string {
  return globSync("etc/**/*.toml", { cwd: stage })
    .sort()
    .map((file) => `/${file}\n`)
    .join("");
}

function entries(stage: string): string[] {
  return globSync("**", { cwd: stage, exclude: ["DEBIAN", "DEBIAN/**"] })
    .filter((file) => file !== "." && file !== "")
    .sort();
}
