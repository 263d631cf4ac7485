import { execFileSync } from "node:child_process";
import { cgroupDirectory, readNeed } from "../../../daemon/systemd/cgroup.ts";

/** How often the kernel has killed because the box itself was out of memory, by its own log. */
export function boxOomKills(): number {
  const log = execFileSync("dmesg", { encoding: "utf8", maxBuffer: 2 ** 28 });
  return log.match(/\] Out of memory: Killed process/g)?.length ?? 0;
}

/** Directory of the slice that all work is in. */
export function sliceDirectory(): string {
  const args = ["--user", "show", "blut.slice", "--property=ControlGroup", "--value"];
  return cgroupDirectory(execFileSync("systemctl", args, { encoding: "utf8" }).trim());
}

/** Memory of a cgroup that cannot be reclaimed, bytes. */
export function needOf(directory: string): number {
  const reading = readNeed(directory);
  if (typeof reading === "string") throw new Error(`${directory} is ${reading}`);
  return reading.needBytes;
}
