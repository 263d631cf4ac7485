import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import os from "node:os";
import { formatBytes, gib } from "../domain/quantity.ts";
import type { DaemonConfig } from "../config/config.ts";
import { fault, fine, warning, type Finding } from "./finding.ts";

/** What the doctor looks at besides the box itself. */
export interface DoctorParts {
  readonly config: DaemonConfig;
  readonly budgetBytes: number;
  readonly containmentSentence: string;
  readonly isBusUp: () => boolean;
  readonly sqliteVersion: string;
}

const leastDiskBytes = gib;

/** Looks at everything unattended work needs, worst finding decides; nothing is changed. */
export async function examine(parts: DoctorParts): Promise<Finding[]> {
  return [
    containment(parts),
    ...(parts.config.containment === "systemd" ? [bus(parts), linger()] : []),
    pressure(),
    await swap(),
    budget(parts),
    fine("sqlite", `version ${parts.sqliteVersion}`),
    await disk(parts.config.paths.stateDir),
  ];
}

function containment({ config, containmentSentence }: DoctorParts): Finding {
  return config.containment === "systemd"
    ? fine("containment", containmentSentence)
    : warning(
        "containment",
        containmentSentence,
        "run blutd where systemd --user answers, with --containment systemd",
      );
}

function bus({ isBusUp }: DoctorParts): Finding {
  return isBusUp()
    ? fine("bus", "systemd answers on the user bus")
    : fault(
        "bus",
        "systemd does not answer: nothing can be started",
        "systemctl --user status dbus.service",
      );
}

function linger(): Finding {
  const user = os.userInfo().username;
  return existsSync(`/var/lib/systemd/linger/${user}`)
    ? fine("linger", `${user}'s systemd outlives the login session`)
    : warning("linger", "work ends when you log out", `loginctl enable-linger ${user}`);
}

function pressure(): Finding {
  return existsSync("/proc/pressure/memory")
    ? fine("psi", "the kernel tells memory pressure")
    : warning(
        "psi",
        "the kernel does not tell memory pressure, so starting cannot stop at it",
        "boot with psi=1",
      );
}

async function swap(): Promise<Finding> {
  // Loaded when asked for: it is large, and a start has no use for it.
  const { mem } = await import("systeminformation");
  const { swaptotal } = await mem();
  const text = swaptotal === 0 ? "none" : `${formatBytes(swaptotal)}; attempts never use it`;
  return fine("swap", text);
}

function budget({ budgetBytes, config }: DoctorParts): Finding {
  const text = `${formatBytes(budgetBytes)} for work, ${formatBytes(config.memory.reserveBytes)} kept free`;
  return budgetBytes >= config.memory.defaultBytes
    ? fine("budget", text)
    : warning(
        "budget",
        `${text}: less than one command's first limit`,
        "lower memory.default or raise memory.budget",
      );
}

async function disk(stateDir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(stateDir);
  const free = `${formatBytes(bavail * bsize)} free for ${stateDir}`;
  return bavail * bsize >= leastDiskBytes
    ? fine("disk", free)
    : warning("disk", `only ${free}`, `free some space, or move it: blutd --state-dir PLACE`);
}
