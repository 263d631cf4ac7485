import { readFileSync } from "node:fs";

/** Names this boot of the machine: another one means that no pid and no scope of before is alive. */
export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
