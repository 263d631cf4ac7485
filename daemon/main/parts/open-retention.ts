import type { Upkeep } from "../../artifacts/upkeep.ts";
import type { WorkPool } from "../../artifacts/work-pool.ts";
import type { DaemonConfig } from "../../config/config.ts";
import { ok } from "../../domain/result.ts";
import type { RunBooks } from "../../executor/run-books.ts";
import { DiskWatch } from "../../retention/disk-watch.ts";
import { Retention } from "../../retention/retention.ts";

/** What retention works on besides the configuration. */
interface Parts extends RunBooks {
  readonly pool: WorkPool;
  readonly upkeep: Upkeep;
}

/** What keeps everything that piles up within its limits, and watches the disks that it is on. */
export function openRetention({ paths, retention: policy }: DaemonConfig, parts: Parts): Retention {
  const { store, events, clock } = parts;
  const { stateDir, runsDir, artifactsDir } = paths;
  const disk = new DiskWatch({
    clock,
    places: [runsDir, artifactsDir, stateDir],
    policy,
    changed: (isLow, { place, freeBytes }) => {
      // On a disk that is full it may not get there; that is told of elsewhere.
      void store.write(() => {
        events.append(isLow ? "disk.low" : "disk.enough", { facts: { place, freeBytes } });
        return ok(undefined);
      });
    },
  });
  return new Retention({ ...parts, disk, policy, runsDir });
}
