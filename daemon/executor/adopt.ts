import { nothingKnown, type ExitReport } from "../launcher/exit-report.ts";
import type { Launcher, LiveAttempt } from "../launcher/launcher.ts";
import type { AttemptRow } from "../store/attempts.ts";

/** An attempt of an earlier daemon: still going, or over with a report. */
export type Adopted =
  | { readonly kind: "live"; readonly attempt: LiveAttempt; readonly ranMs?: number }
  | { readonly kind: "over"; readonly report: ExitReport };

/**
 * Asks the launcher what became of an attempt. One that never started, or of which nothing is left to
 * tell (the machine was restarted), is reported without a record: judged lost, never a success.
 */
export async function adoptAttempt(
  launcher: Launcher,
  row: AttemptRow,
  bootId: string,
): Promise<Adopted> {
  const sameBoot = row.bootId === bootId;
  const found = await launcher.adopt({
    attemptId: row.id,
    directory: row.directory,
    limitBytes: row.limitBytes,
    sameBoot,
  });
  switch (found.kind) {
    case "live":
      return found;
    case "ended":
      return { kind: "over", report: found.report };
    case "never-started":
      return { kind: "over", report: nothingKnown };
    case "vanished": {
      const lostWhy = sameBoot
        ? "everything of it was killed while no daemon was there"
        : "the machine was restarted while it ran";
      return { kind: "over", report: { ...nothingKnown, lostWhy } };
    }
  }
}
