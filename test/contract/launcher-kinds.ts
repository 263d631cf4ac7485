import { systemClock } from "../../daemon/base/clock.ts";
import type { Containment } from "../../daemon/domain/host.ts";
import type { Launcher } from "../../daemon/launcher/launcher.ts";
import { PollingLauncher } from "../../daemon/launcher/polling-launcher.ts";
import { SystemdLauncher } from "../../daemon/launcher/systemd-launcher.ts";
import { openSystemd } from "../../daemon/main/containment.ts";
import type { Manager } from "../../daemon/systemd/manager.ts";

/** Small enough that a test writes past it at once. */
export const outputPolicy = { headBytes: 64 * 1024, capBytes: 1024 * 1024 };

/** A launcher of the kind asked for, and how to let go of what it holds open. */
export interface OpenLauncher {
  readonly launcher: Launcher;
  /** The bus and systemd behind it, where there are any. */
  readonly manager?: Manager;
  close(): void;
}

export async function openLauncher(kind: Containment): Promise<OpenLauncher> {
  const options = { clock: systemClock, output: outputPolicy };
  if (kind === "polling") {
    return { launcher: new PollingLauncher(options), close: () => undefined };
  }
  const uid = process.getuid?.() ?? 0;
  const needs = { env: process.env, uid, budgetBytes: 1024 ** 3, clock: systemClock };
  const systemd = await openSystemd(needs);
  if (!systemd.ok) throw new Error(`${systemd.error.message}; ${systemd.error.remedy}`);
  const { manager, version } = systemd.value;
  return {
    launcher: new SystemdLauncher({ ...options, manager, systemdVersion: version }),
    manager,
    close: () => {
      manager.close();
    },
  };
}
