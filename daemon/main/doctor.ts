import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { formatBytes, gib, mib } from "../domain/quantity.ts";
import type { GpuInventory } from "../broker/gpu/devices.ts";
import type { DaemonConfig } from "../config/config.ts";
import { fault, fine, warning, type Finding } from "./finding.ts";

/** What the doctor looks at besides the box itself. */
export interface DoctorParts {
  readonly config: DaemonConfig;
  readonly containmentSentence: string;
  readonly isBusUp: () => boolean;
  readonly sqliteVersion: string;
  readonly inventory: GpuInventory;
}

/** Below the first people should know, below the second the next ends cannot be recorded. */
const roomyDiskBytes = gib;
const leastDiskBytes = 64 * mib;

/** Looks at everything unattended work needs, worst finding decides; nothing is changed. */
export async function examine(parts: DoctorParts): Promise<Finding[]> {
  return [
    containment(parts.config, parts.containmentSentence),
    ...(parts.config.containment === "systemd" ? [bus(parts)] : []),
    fine("sqlite", `version ${parts.sqliteVersion}`),
    ...gpus(parts.inventory),
    ...(await examineBox(parts)),
  ];
}

/** The part of the examination that needs no running daemon. */
export async function examineBox(parts: Pick<DoctorParts, "config">): Promise<Finding[]> {
  return [
    ...(parts.config.containment === "systemd" ? [linger()] : []),
    pressure(),
    await swap(),
    budget(parts.config),
    await disk(parts.config.paths.stateDir),
  ];
}

/** How work is held to its limit here. */
export function containment(config: DaemonConfig, containmentSentence: string): Finding {
  return config.containment === "systemd"
    ? fine("containment", containmentSentence)
    : warning(
        "containment",
        containmentSentence,
        "run blutd where systemd --user answers, with --containment systemd",
      );
}

/** Nothing to say of a box without GPUs. */
function gpus({ devices, problem }: GpuInventory): Finding[] {
  if (problem !== undefined) {
    const remedy = "mend the driver until nvidia-smi answers, or set gpus.devices in blut.toml";
    return [warning("gpus", `GPUs cannot be claimed: ${problem}`, remedy)];
  }
  const words = devices.map(
    ({ index, name, budgetBytes }) => `${index} ${name}, ${formatBytes(budgetBytes)} to claim`,
  );
  return words.length === 0 ? [] : [fine("gpus", words.join("; "))];
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

function budget({ memory }: DaemonConfig): Finding {
  const { budgetBytes, reserveBytes, defaultBytes } = memory;
  const text = `${formatBytes(budgetBytes)} for work, ${formatBytes(reserveBytes)} kept free`;
  return budgetBytes >= defaultBytes
    ? fine("budget", text)
    : warning(
        "budget",
        `${text}: less than one command's first limit`,
        "lower memory.default or raise memory.budget",
      );
}

async function disk(stateDir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(existingPart(stateDir));
  const freeBytes = bavail * bsize;
  const free = `${formatBytes(freeBytes)} free for ${stateDir}`;
  if (freeBytes >= roomyDiskBytes) return fine("disk", free);
  const level = freeBytes >= leastDiskBytes ? warning : fault;
  return level("disk", `only ${free}`, "free some space, or move it: blutd --state-dir PLACE");
}

/** The directory itself, or of those it would be made in the nearest that is there. */
function existingPart(place: string): string {
  return existsSync(place) ? place : existingPart(path.dirname(place));
}
