import type { OomdFacts, WatchedUnit } from "../facts.ts";
import { fine, warning, type Finding } from "../finding.ts";

/** What systemd-oomd may do to work: it takes whole control groups, by its own measure. */
export function oomdFindings({ isActive, watched }: OomdFacts): Finding[] {
  if (!isActive) return [fine("oomd", "systemd-oomd does not run")];
  const danger = watched.filter(({ bySwap, byPressure }) => bySwap || byPressure);
  if (danger.length === 0) return [fine("oomd", "systemd-oomd runs and leaves work alone")];
  const where = danger
    .map(({ unit, bySwap, byPressure }) => {
      const why = [...(byPressure ? ["memory pressure"] : []), ...(bySwap ? ["full swap"] : [])];
      return `${unit} (at ${why.join(" and ")})`;
    })
    .join(", ");
  const message =
    `systemd-oomd may kill work in ${where}, though it is within its limit; ` +
    "what it kills is queued again and learns nothing from it";
  return [warning("oomd", message, danger.map(release).join(" && "))];
}

/** Whoever is watched is named: what stands in a unit below it takes nothing back. The budget keeps work from pressing the box. */
function release({ manager, unit, bySwap, byPressure }: WatchedUnit): string {
  const settings = [
    ...(byPressure ? ["ManagedOOMMemoryPressure=auto"] : []),
    ...(bySwap ? ["ManagedOOMSwap=auto"] : []),
  ];
  const systemctl = manager === "box" ? "sudo systemctl" : "systemctl --user";
  return `${systemctl} set-property -- ${unit} ${settings.join(" ")}`;
}
