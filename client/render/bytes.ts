const steps = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** A size for a sentence: `512 MiB`, `1.5 GiB`. Units are powers of 1024, as everywhere in blut. */
export function formatBytes(bytes: number): string {
  const { amount, step } = scale(bytes);
  return `${amount} ${steps[step] ?? "B"}`;
}

/** A size for a table: `512M`, `1.5G`; what `--mem` reads. */
export function formatBytesShort(bytes: number): string {
  const { amount, step } = scale(bytes);
  return step === 0 ? amount : `${amount}${(steps[step] ?? "B").charAt(0)}`;
}

/** One decimal below ten, none above: three figures say enough about memory. */
function scale(bytes: number): { amount: string; step: number } {
  let amount = bytes;
  let step = 0;
  // 1023.5 would round up to 1024 of its own unit.
  while (amount >= 1023.5 && step < steps.length - 1) {
    amount /= 1024;
    step += 1;
  }
  const text =
    step > 0 && amount < 9.95 ? amount.toFixed(1).replace(/\.0$/, "") : amount.toFixed(0);
  return { amount: text, step };
}
