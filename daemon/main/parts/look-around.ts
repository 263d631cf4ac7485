import type { Logger } from "pino";
import { takeInventory, type GpuInventory } from "../../broker/gpu/devices.ts";
import { hostFacts } from "../../broker/probe.ts";
import type { DaemonConfig } from "../../config/config.ts";
import type { HostRecord } from "../../domain/lineage.ts";
import { hostRecord } from "../../lineage/host-record.ts";

/** What is found out about the box before the first part is made. */
export interface Around {
  readonly inventory: GpuInventory;
  readonly host: HostRecord;
}

/** A driver that cannot tell is no reason not to start: what needs no GPU goes on. */
export async function lookAround(
  config: DaemonConfig,
  logger: Logger,
  blut: string,
): Promise<Around> {
  const memoryBytes = hostFacts()?.memTotalBytes ?? 0;
  const inventory = await takeInventory(config.gpus, memoryBytes);
  const { devices: gpus, driver: nvidiaDriver, problem } = inventory;
  if (problem !== undefined) logger.warn({ part: "gpus" }, problem);
  return { inventory, host: await hostRecord({ memoryBytes, gpus, nvidiaDriver, blut }) };
}
