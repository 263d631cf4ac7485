import type { GpuPolicy } from "../../config/config.ts";
import type { GpuDevice } from "../../domain/gpu.ts";
import { mib } from "../../domain/quantity.ts";
import { findNvidia, type FoundGpu } from "./nvidia-smi.ts";

/** The devices of the box, what drives them, and why there may be more than are known. */
export interface GpuInventory {
  readonly devices: readonly GpuDevice[];
  readonly driver?: string;
  /** Why detection told nothing; absent when it told, or nobody asked it. */
  readonly problem?: string;
}

/** What the configuration names; without a word there, what the driver finds. */
export async function takeInventory(
  policy: GpuPolicy,
  memTotalBytes: number,
  find: typeof findNvidia = findNvidia,
): Promise<GpuInventory> {
  const found = await find();
  const driver = found.ok ? found.value[0]?.driver : undefined;
  const known = { ...(driver !== undefined && { driver }) };
  if (policy.devices !== undefined) {
    return { devices: namedDevices(policy, memTotalBytes), ...known };
  }
  return found.ok
    ? { devices: withBudgets(found.value, policy, memTotalBytes), ...known }
    : { devices: [], problem: found.error };
}

/** The devices that the configuration names. */
export function namedDevices(policy: GpuPolicy, memTotalBytes: number): GpuDevice[] {
  const named = (policy.devices ?? []).map((device, index) => ({ index, ...device }));
  return withBudgets(named, policy, memTotalBytes);
}

function withBudgets(
  devices: readonly Omit<FoundGpu, "driver">[],
  { share, unifiedShare }: GpuPolicy,
  memTotalBytes: number,
): GpuDevice[] {
  return devices.map(({ index, name, vramBytes }) => {
    const total = vramBytes ?? memTotalBytes;
    const given = total * (vramBytes === undefined ? unifiedShare : share);
    return { index, name, vramBytes: total, budgetBytes: Math.floor(given / mib) * mib };
  });
}
