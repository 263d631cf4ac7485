import type { BoxFacts } from "../facts.ts";
import { fine, warning, type Finding } from "../finding.ts";

/** Schedules fire by the wall clock. */
export function clockFinding({ clock }: Pick<BoxFacts, "clock">): Finding {
  switch (clock) {
    case "kept":
      return fine("clock", "kept by a time service");
    case "free":
      return warning(
        "clock",
        "nobody keeps the clock: schedules fire by whatever it says",
        "sudo timedatectl set-ntp true",
      );
    case "unknown":
      return warning(
        "clock",
        "nobody tells whether the clock is kept",
        "sudo apt install systemd-timesyncd, or another time service",
      );
  }
}
