import { readFileSync } from "node:fs";

/** Names this boot of the machine: another one means that no pid and no scope of before is alive. */
export function bootId(file = "/proc/sys/kernel/random/boot_id"): string {
  return readFileSync(file, "utf8").trim();
}
