import type { Broker } from "../broker/broker.ts";
import { metric, type Metric } from "./exposition.ts";

/** What the box has, what is promised and what is used. */
export function boxMetrics(broker: Broker): Metric[] {
  const { memory, cpus, gpus, pools } = broker.status();
  const { attempts } = broker.ledger.totals();
  const gauge = (name: string, help: string, value: number | undefined): Metric =>
    metric("gauge", name, help, value);
  const ofGpus = gpus.map((gpu) => ({ labels: { gpu: String(gpu.index) }, gpu }));
  const ofPools = pools.map((pool) => ({ labels: { pool: pool.name }, pool }));
  return [
    gauge("blut_attempts_live", "Attempts that hold capacity", attempts),
    gauge("blut_memory_total_bytes", "Memory of the box", memory.totalBytes),
    gauge("blut_memory_available_bytes", "What the box could hand out now", memory.availableBytes),
    gauge("blut_memory_budget_bytes", "What the box gives to work", memory.budgetBytes),
    gauge("blut_memory_reserved_bytes", "Limits of live attempts, summed up", memory.reservedBytes),
    gauge(
      "blut_memory_used_bytes",
      "What live attempts have that cannot be reclaimed",
      memory.usedBytes,
    ),
    gauge("blut_memory_kept_free_bytes", "Kept for everything else", memory.reserveBytes),
    gauge(
      "blut_memory_pressure_ratio",
      "Share of the last 10 s that everything stalled on memory",
      memory.pressureFullAvg10 === undefined ? undefined : memory.pressureFullAvg10 / 100,
    ),
    gauge("blut_cpus", "CPUs that may be claimed", cpus.total),
    gauge("blut_cpus_reserved", "CPUs that are claimed", cpus.reserved),
    metric(
      "gauge",
      "blut_gpu_budget_bytes",
      "Memory of a GPU that may be claimed",
      ofGpus.map(({ labels, gpu }) => ({ labels, value: gpu.budgetBytes })),
    ),
    metric(
      "gauge",
      "blut_gpu_reserved_bytes",
      "Memory of a GPU that is claimed",
      ofGpus.map(({ labels, gpu }) => ({ labels, value: gpu.usedBytes })),
    ),
    metric(
      "gauge",
      "blut_pool_size",
      "How many of a pool may be claimed",
      ofPools.map(({ labels, pool }) => ({ labels, value: pool.total })),
    ),
    metric(
      "gauge",
      "blut_pool_reserved",
      "How many of a pool are claimed",
      ofPools.map(({ labels, pool }) => ({ labels, value: pool.used })),
    ),
  ];
}
