import type { BoxFacts } from "../facts.ts";
import { fine, warning, type Finding } from "../finding.ts";

/** Schedules fire by the wall clock. */
export function clockFinding({ clock }: Pick<BoxFacts, "clock">): Finding {
  switch (clock) {
    case "kept":
      return fine("clock", "kept by a time service");
    case "awaited":
      return warning(
        "clock",
        "a time service is on and has not set the clock yet",
        "see: timedatectl; it needs the network",
      );
    case "off":
      return warning(
        "clock",
        "the time service is off: schedules fire by whatever the clock says",
        "sudo timedatectl set-ntp true",
      );
    case "nobody":
      return warning(
        "clock",
        "there is no time service: schedules fire by whatever the clock says",
        "sudo apt install systemd-timesyncd, or another time service",
      );
    case "unknown":
      return warning("clock", "nobody tells whether the clock is kept", "see: timedatectl show");
  }
}
