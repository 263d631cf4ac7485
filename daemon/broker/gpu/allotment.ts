import type { GpuDevice } from "../../domain/gpu.ts";
import type { Claims } from "../../domain/plan.ts";

/** What is taken of one device: a part of its memory, or all of it. */
export interface DeviceUse {
  readonly holders: number;
  readonly vramBytes: number;
  readonly isWhole: boolean;
}

type GpuClaims = Pick<Claims, "gpus" | "vramBytes">;

/**
 * The devices that a claim gets beside what is taken, the first that fit; undefined when there are not
 * enough. A whole device is one that nobody else has anything of.
 */
export function allot(
  { gpus, vramBytes }: GpuClaims,
  devices: readonly GpuDevice[],
  useOf: (index: number) => DeviceUse,
): readonly number[] | undefined {
  if (gpus === 0) return [];
  const fitting = roomy({ vramBytes }, devices, useOf);
  return fitting.length < gpus ? undefined : fitting.slice(0, gpus).map(({ index }) => index);
}

/** The devices that can give what is claimed of each of them. */
export function roomy(
  { vramBytes }: Pick<Claims, "vramBytes">,
  devices: readonly GpuDevice[],
  useOf: (index: number) => DeviceUse,
): GpuDevice[] {
  return devices.filter((device) => fits(device, vramBytes, useOf(device.index)));
}

/** How many devices could give a claim what it wants if nothing were taken. */
export function suitable({ vramBytes }: GpuClaims, devices: readonly GpuDevice[]): number {
  return devices.filter((device) => vramBytes <= device.budgetBytes).length;
}

function fits(device: GpuDevice, vramBytes: number, use: DeviceUse): boolean {
  if (vramBytes === 0) return use.holders === 0;
  return !use.isWhole && use.vramBytes + vramBytes <= device.budgetBytes;
}
