import type { OwnBuild } from "../../base/build/own-build.ts";
import type { Broker } from "../../broker/broker.ts";
import type { DaemonConfig } from "../../config/config.ts";
import type { RunBooks } from "../../executor/run-books.ts";
import { Telling } from "../../notify/telling.ts";
import { admissionStop, type health } from "../health.ts";
import { userBusAddress } from "../user-bus.ts";

/** What tells people of failures, and of what holds everything up. */
export function openTelling(
  config: DaemonConfig,
  parts: RunBooks & { readonly broker: Broker; readonly build: OwnBuild },
  standing: () => ReturnType<typeof health>,
): Telling {
  const { version } = parts.build.stamp;
  const busAddress = userBusAddress(process.env, process.getuid?.() ?? 0);
  return new Telling({
    ...{ ...parts, policy: config.notify, version, busAddress },
    lookAtAdmission: () => admissionStop(standing(), parts.broker),
  });
}
