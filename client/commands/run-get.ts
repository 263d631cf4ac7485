import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import { metricsTable } from "../render/metrics-view.ts";
import { runCard } from "../render/run-card.ts";
import { stepCard } from "../render/step-card.ts";
import { runOrStep, runSelector, type RunSelector } from "../run-selector.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";

/** What fits a card: points of a sparkline, and steps whose metrics are shown. */
const few = { points: 72, limit: 8 };

/** `show`: one run with its steps and attempts, or one step, and what its stages measured. */
export function define(command: Command, act: Act): void {
  command.description(
    "Show one run: how it stands, its steps as a graph, its attempts with the memory that each was given and took. With a step, that step alone.",
  );
  addExamples(command, "blutctl show last", "blutctl show digits/train-2");
  command
    .argument("<run>", runOrStep)
    .action((run: string) => act(command, (session) => show(session, runSelector(run))));
}

async function show(session: Session, asked: RunSelector): Promise<number> {
  const { link, output } = session;
  const found = await link.call("run.get", { ...asked });
  if (!found.ok) return session.refuse(found.error);
  output.answer(found.value, asked.step === undefined ? runCard : stepCard);
  if (output.json) return exitCodes.success.code;
  const metrics = await link.call("run.metrics", { ...asked, ...few, run: found.value.id });
  // A step that was not tried yet has none.
  if (!metrics.ok) {
    const isNone = asked.step !== undefined && metrics.error.reason === "not-found";
    return isNone ? exitCodes.success.code : session.refuse(metrics.error);
  }
  const drawn = metricsTable(metrics.value, output.style);
  if (drawn !== "") output.result(`\n${drawn}`);
  return exitCodes.success.code;
}
