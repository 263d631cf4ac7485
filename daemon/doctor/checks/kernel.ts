import { formatBytes } from "../../domain/quantity.ts";
import type { BoxFacts } from "../facts.ts";
import { fault, fine, warning, type Finding } from "../finding.ts";

/** What the kernel has to bring. */
export function kernelFindings(facts: BoxFacts): Finding[] {
  return [cgroups(facts), pressure(facts), swap(facts)];
}

function cgroups({ hasCgroup2 }: BoxFacts): Finding {
  return hasCgroup2
    ? fine("cgroup", "one hierarchy of control groups (cgroup v2)")
    : fault(
        "cgroup",
        "this box has no unified hierarchy of control groups: nothing can be held to its limit",
        "boot with systemd.unified_cgroup_hierarchy=1",
      );
}

function pressure({ tellsPressure }: BoxFacts): Finding {
  return tellsPressure
    ? fine("psi", "the kernel tells memory pressure")
    : warning(
        "psi",
        "the kernel does not tell memory pressure, so starting cannot stop at it",
        "boot with psi=1",
      );
}

function swap({ swapTotalBytes: total }: BoxFacts): Finding {
  if (total === 0) return fine("swap", "none");
  return fine("swap", `${formatBytes(total)}; attempts never use it`);
}
