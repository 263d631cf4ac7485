import type { GpuDevice } from "../../domain/gpu.ts";
import type { Claims } from "../../domain/plan.ts";
import { formatBytes } from "../../domain/quantity.ts";
import { suitable } from "./allotment.ts";

type GpuClaims = Pick<Claims, "gpus" | "vramBytes">;

/** A claim in words: `2 whole GPUs`, `4 GiB of 1 GPU`, `4 GiB of each of 2 GPUs`. */
export function gpuWords({ gpus, vramBytes }: GpuClaims): string {
  const noun = gpus === 1 ? "GPU" : "GPUs";
  if (vramBytes === 0) return `${gpus} whole ${noun}`;
  return `${formatBytes(vramBytes)} of ${gpus === 1 ? "" : "each of "}${gpus} ${noun}`;
}

/** Why a claim can never be met by these devices, in words; undefined when it can. */
export function neverFits(claims: GpuClaims, devices: readonly GpuDevice[]): string | undefined {
  const enough = suitable(claims, devices);
  if (enough >= claims.gpus) return undefined;
  const said = `it claims ${gpuWords(claims)}`;
  if (devices.length === 0) return `${said}, and there is none`;
  if (claims.gpus > devices.length) return `${said}, and there are ${devices.length} in all`;
  const largest = Math.max(...devices.map(({ budgetBytes }) => budgetBytes));
  return `${said}, and ${enough} can give so much; the largest gives ${formatBytes(largest)}`;
}
