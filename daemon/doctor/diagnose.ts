import { clockFinding } from "./checks/clock.ts";
import { kernelFindings } from "./checks/kernel.ts";
import { oomdFindings } from "./checks/oomd.ts";
import { serviceFindings } from "./checks/service.ts";
import { storageFindings } from "./checks/storage.ts";
import { managerFindings } from "./checks/user-manager.ts";
import type { BoxFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";

/** Judges a box; without systemd to hold work, what only systemd needs is not asked for. */
export function diagnose(facts: BoxFacts, containment: "systemd" | "polling"): Finding[] {
  return [
    ...kernelFindings(facts),
    ...(containment === "systemd" ? managerFindings(facts) : []),
    ...(containment === "systemd" ? oomdFindings(facts.oomd) : []),
    ...storageFindings(facts.state),
    clockFinding(facts),
    ...(containment === "systemd" ? serviceFindings(facts) : []),
  ];
}
