import { formatBytes, gib, mib } from "../../domain/quantity.ts";
import type { StateFacts } from "../facts.ts";
import { fault, fine, warning, type Finding } from "../finding.ts";

/** Below the first people should know, below the second the next ends cannot be recorded. */
const roomyBytes = gib;
const leastBytes = 64 * mib;
const roomyInodes = 50_000;
const leastInodes = 1000;

/** By the numbers of statfs(2): what a lock or a power cut means there is not what it means on a disk. */
const networks: Readonly<Record<number, string>> = {
  0x6969: "NFS",
  0x517b: "SMB",
  0xfe534d42: "SMB",
  0xff534d42: "SMB",
  0x01021997: "9P",
  0x00c36400: "Ceph",
  0x5346414f: "AFS",
  0x0bd00bd0: "Lustre",
};
const memories: Readonly<Record<number, string>> = { 0x01021994: "tmpfs", 0x858458f6: "ramfs" };

/** The directory of the state, what it lies on, and the database in it. */
export function storageFindings(state: StateFacts): Finding[] {
  return [disk(state), ...inodes(state), fileSystem(state), database(state)];
}

function disk({ place, freeBytes }: StateFacts): Finding {
  const free = `${formatBytes(freeBytes)} free for ${place}`;
  if (freeBytes >= roomyBytes) return fine("disk", free);
  const level = freeBytes >= leastBytes ? warning : fault;
  return level("disk", `only ${free}`, "blutctl gc, or free space otherwise");
}

function inodes({ place, freeInodes }: StateFacts): Finding[] {
  if (freeInodes === undefined || freeInodes >= roomyInodes) return [];
  const level = freeInodes >= leastInodes ? warning : fault;
  const message = `only ${freeInodes} more files fit on the file system of ${place}`;
  return [level("inodes", message, "blutctl gc, or remove files otherwise")];
}

function fileSystem({ place, fileSystem: type }: StateFacts): Finding {
  const move = "give it a directory on a disk of this box: state-dir in blut.toml";
  const network = networks[type];
  if (network !== undefined) {
    const message = `${place} is on ${network}: SQLite's WAL does not work over a network`;
    return fault("file system", message, move);
  }
  const memory = memories[type];
  if (memory !== undefined) {
    return fault("file system", `${place} is on ${memory}: the next boot forgets all of it`, move);
  }
  return fine("file system", "a disk of this box");
}

function database({ sqliteVersion, damage }: StateFacts): Finding {
  if (damage === undefined) return fine("sqlite", `version ${sqliteVersion}, a quick look is fine`);
  const remedy = "stop blutd, keep a copy of its state directory, and start from a backup";
  return fault("sqlite", damage, remedy);
}
