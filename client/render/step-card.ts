import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { attemptTable } from "./attempt-table.ts";
import { digestDigits } from "./digest.ts";
import { escapeText } from "./escape.ts";
import { facts, prose } from "./prose.ts";
import { memoryLine } from "./run-card.ts";
import { paintStep, elementTable, stateOf, whyOf } from "./step-table.ts";
import { paint, type Style } from "./style.ts";

type Run = MethodResult<"run.get">;

/** One step of a run as a card: how it stands and why, its elements, and every attempt. */
export function stepCard(run: Run, style: Style): string {
  const [step, ...elements] = run.steps;
  if (step === undefined) return "";
  const why = whyOf(step);
  const standing = why === "" ? stateOf(step) : `${stateOf(step)}: ${why}`;
  const title = escapeText(`${run.id}/${step.name}`, style.unicode);
  const parts = [
    `${title}  ${paint(style, "bold", escapeText(run.name, style.unicode))}`,
    paintStep(style, prose(style, standing), step),
    "",
    factsOf(run, step, style),
    elements.length === 0 ? "" : `\n${elementTable(run, style)}`,
    run.history.length === 0
      ? ""
      : `\n${attemptTable(run.history, style, { steps: elements.length > 0 })}`,
  ];
  return parts.filter((part, index) => part !== "" || index === 2).join("\n");
}

function factsOf(run: Run, step: Run["steps"][number], style: Style): string {
  const last = run.history.at(-1);
  return facts(style, [
    ["command", step.argv.join(" ")],
    ["in", step.cwd],
    ["needs", step.needs.join(", ")],
    ["memory", memoryLine(step, style)],
    ["limit", last?.limitSentence ?? ""],
    ["learns as", step.calibrationKey],
    ["waits", step.wait?.message ?? ""],
    ["what helps", step.wait?.unblocks ?? ""],
    ["left", leftWords(step)],
    ["files", last?.directory ?? ""],
  ]);
}

function leftWords({ artifact, kind = "" }: Run["steps"][number]): string {
  return artifact === undefined ? "" : `${kind} ${artifact.slice(0, digestDigits)}`;
}
