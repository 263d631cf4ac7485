/** A size for a sentence, as the daemon's own sentences have it: `512 MiB`, `1.5 GiB`. */
export { formatBytes } from "../../daemon/protocol/units.ts";

const steps = ["", "K", "M", "G", "T", "P"] as const;

/** A size for a table: `512M`, `1.5G`; what `--mem` reads. One decimal below ten, none above. */
export function formatBytesShort(bytes: number): string {
  let amount = bytes;
  let step = 0;
  // 1023.5 would round up to 1024 of its own unit.
  while (amount >= 1023.5 && step < steps.length - 1) {
    amount /= 1024;
    step += 1;
  }
  const text =
    step > 0 && amount < 9.95 ? amount.toFixed(1).replace(/\.0$/, "") : amount.toFixed(0);
  return `${text}${steps[step] ?? ""}`;
}
