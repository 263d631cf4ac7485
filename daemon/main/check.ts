import { systemClock } from "../base/clock.ts";
import { openContainer } from "./container.ts";
import type { DaemonParts } from "./parts/daemon-parts.ts";
import { fault, type Finding } from "../doctor/finding.ts";
import { containment, examineWithout } from "./doctor.ts";

/**
 * Examines the box as a daemon started now would find it: can it contain work, and what else does
 * unattended work need? Starts nothing and stores nothing; another blutd may be running.
 */
export async function checkBox(parts: Pick<DaemonParts, "config">): Promise<Finding[]> {
  const container = await openContainer(parts.config, parts.config.memory.budgetBytes, systemClock);
  const first = container.ok
    ? containment(parts.config, container.value.sentence)
    : fault("containment", container.error.message, container.error.remedy);
  if (container.ok) container.value.close();
  return examineWithout(parts.config, first);
}

/** The findings as lines for a terminal, each with its remedy below. */
export function findingLines(findings: readonly Finding[]): string {
  return findings
    .map(({ check, level, message, remedy }) => {
      const line = `${level.padEnd(4)}  ${check}: ${message}\n`;
      return remedy === undefined ? line : `${line}      remedy: ${remedy}\n`;
    })
    .join("");
}
