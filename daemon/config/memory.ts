import { formatBytes, gib, mib } from "../domain/quantity.ts";
import type { MemoryPolicy } from "./config.ts";
import type { Values } from "./settings.ts";
import type { Amount } from "./values.ts";

/** Divides the box between blut and the rest; combinations no box of this size can hold are problems. */
export function divideMemory(
  values: Values,
  memTotalBytes: number,
  problems: string[],
): MemoryPolicy {
  const total = Math.floor(memTotalBytes);
  const inBytes = (amount: Amount): number =>
    "bytes" in amount ? amount.bytes : Math.floor((total * amount.percent) / 100);
  const reserve = values["memory.reserve"];
  const reserveBytes = reserve === undefined ? defaultReserve(total) : inBytes(reserve);
  const budget = values["memory.budget"];
  const budgetBytes = budget === undefined ? total - reserveBytes : inBytes(budget);
  if (budgetBytes < 1) {
    problems.push(
      `memory.reserve: ${formatBytes(reserveBytes)} leaves nothing of the box's ${formatBytes(total)}`,
    );
  } else if (budgetBytes + reserveBytes > total) {
    problems.push(
      `memory.budget: ${formatBytes(budgetBytes)} and memory.reserve: ${formatBytes(reserveBytes)} ` +
        `together are more than the box's ${formatBytes(total)}`,
    );
  }
  const defaultBytes = values["memory.default"] ?? Math.min(512 * mib, budgetBytes);
  if (budgetBytes >= 1 && defaultBytes > budgetBytes) {
    problems.push(
      `memory.default: ${formatBytes(defaultBytes)} is more than the budget of ${formatBytes(budgetBytes)}`,
    );
  }
  return {
    budgetBytes,
    reserveBytes,
    defaultBytes,
    escalationFactor: values["memory.escalation-factor"],
    marginRatio: values["memory.margin-ratio"],
    marginBytes: values["memory.margin"],
  };
}

/** A sixteenth of the box, at least 2 GiB, but never more than a quarter: small boxes work too. */
function defaultReserve(total: number): number {
  return Math.floor(Math.min(Math.max(2 * gib, total / 16), total / 4));
}
