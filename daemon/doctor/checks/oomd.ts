import type { OomdFacts } from "../facts.ts";
import { fine, warning, type Finding } from "../finding.ts";

/** A user's systemd is left to itself; the budget keeps work from pressing the box. */
const exempt =
  "sudo sh -c 'mkdir -p /etc/systemd/system/user@.service.d && " +
  'printf "[Service]\\nManagedOOMMemoryPressure=auto\\nManagedOOMSwap=auto\\n" > ' +
  "/etc/systemd/system/user@.service.d/90-blut-oomd.conf && systemctl daemon-reload'";

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
  return [warning("oomd", message, exempt)];
}
