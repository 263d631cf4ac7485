import { systemClock } from "../../daemon/base/clock.ts";
import type { Containment } from "../../daemon/domain/host.ts";
import type { Launcher } from "../../daemon/launcher/launcher.ts";
import { PollingLauncher } from "../../daemon/launcher/polling-launcher.ts";

/** Small enough that a test writes past it at once. */
export const outputPolicy = { headBytes: 64 * 1024, capBytes: 1024 * 1024 };

/** A launcher of the kind asked for, and how to let go of what it holds open. */
export interface OpenLauncher {
  readonly launcher: Launcher;
  close(): Promise<void>;
}

export function openLauncher(kind: Containment): Promise<OpenLauncher> {
  const options = { clock: systemClock, output: outputPolicy };
  if (kind === "systemd") throw new Error("not yet");
  return Promise.resolve({
    launcher: new PollingLauncher(options),
    close: () => Promise.resolve(),
  });
}
