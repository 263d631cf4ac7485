import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { metricsTable } from "../render/metrics-view.ts";
import { runCard } from "../render/run-card.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";

/** What fits a card: points of a sparkline, and steps whose metrics are shown. */
const few = { points: 72, limit: 8 };

/** `show`: one run with its attempts, and what its stages measured. */
export function define(command: Command, act: Act): void {
  command
    .argument("<run>", "an id, the beginning of one, `last`, or a name")
    .action((run: string) => act(command, (session) => show(session, run)));
}

async function show(session: Session, run: string): Promise<number> {
  const { link, output } = session;
  const found = await link.call("run.get", { run });
  if (!found.ok) return session.refuse(found.error);
  output.answer(found.value, runCard);
  if (output.json) return exitCodes.success.code;
  const metrics = await link.call("run.metrics", { run: found.value.id, ...few });
  if (!metrics.ok) return session.refuse(metrics.error);
  const drawn = metricsTable(metrics.value, output.style);
  if (drawn !== "") output.result(`\n${drawn}`);
  return exitCodes.success.code;
}
