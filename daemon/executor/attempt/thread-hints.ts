import os from "node:os";

/** Variables that give thread pools the size of the CPU claim, so that they do not take the whole box. */
export function threadHints(cpus: number): Readonly<Record<string, string>> {
  if (cpus <= 0) return {};
  const threads = String(Math.max(1, Math.min(os.availableParallelism(), Math.floor(cpus))));
  return Object.fromEntries(
    ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"].map(
      (name) => [name, threads],
    ),
  );
}
