import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytesShort } from "./bytes.ts";
import { digestDigits } from "./digest.ts";
import { formatDuration } from "./duration.ts";
import { outcomeWords } from "./outcome.ts";
import { heading } from "./prose.ts";
import { paint, type Format, type Style } from "./style.ts";
import { table } from "./table.ts";

type Run = MethodResult<"run.get">;
type Step = Run["steps"][number];
type State = Step["state"];

/** Steps shown at once; of more, the rest is counted. */
const mostShown = 100;

/** The steps of a run, one a line in the order of the plan: how each stands, why, and what it took. */
export function stepTable(run: Run, style: Style): string {
  const all = Object.values(run.stepCounts).reduce((sum, count) => sum + count, 0);
  return tableOf(run.steps, { all, page: { run: run.id } }, style);
}

/** A mapped step and its elements, as far as they were answered. */
export function elementTable({ id, steps }: Run, style: Style): string {
  return tableOf(steps, { all: steps.length, page: { run: id, step: steps[0]?.name } }, style);
}

function tableOf(
  steps: readonly Step[],
  { all, page }: { readonly all: number; readonly page: object },
  style: Style,
): string {
  const shown = steps.slice(0, mostShown);
  const drawn = table<Step>(
    style,
    [
      { title: "STEP", cell: nameOf, shrinksTo: 12 },
      { title: "STATE", cell: stateOf, color: paintStep },
      { title: "LIMIT", cell: ({ limitBytes }) => sizeOf(limitBytes), align: "right" },
      { title: "PEAK", cell: peakOf, align: "right" },
      { title: "TIME", cell: (step) => timeOf(step, style.now), align: "right" },
      { title: "ARTIFACT", cell: ({ artifact = "" }) => artifact.slice(0, digestDigits) },
      { title: "WHY", cell: whyOf, shrinksTo: 20, wraps: true },
    ],
    shown,
  );
  const more = all - shown.length;
  const ask = JSON.stringify({ ...page, stepsFrom: shown.length });
  const rest = more > 0 ? `\n... and ${more} more: blutctl rpc run.get '${ask}'` : "";
  return `${heading(style, "Steps")}\n${drawn}${rest}`;
}

/** How many steps are in which state: `3 succeeded, 1 running`. */
export function stepSummary({ stepCounts }: Run): string {
  return Object.entries(stepCounts)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ");
}

/** An element stands under its step, by the entry that it works on. */
function nameOf({ name, parent, element }: Step): string {
  return parent === undefined ? name : `  ${name.slice(parent.length)} ${element ?? ""}`;
}

/** A result that was there already is no work that was done. */
export function stateOf({ state, cachedFrom }: Step): string {
  return cachedFrom === undefined ? state : "reused";
}

function peakOf({ usedBytes, peakNeedBytes }: Step): string {
  return sizeOf(usedBytes ?? peakNeedBytes);
}

function sizeOf(bytes: number | undefined): string {
  return bytes === undefined ? "" : formatBytesShort(bytes);
}

function timeOf({ startedAt, endedAt }: Step, now: number): string {
  return startedAt === undefined ? "" : formatDuration(Math.max(0, (endedAt ?? now) - startedAt));
}

/** Why it stands as it does: what it was reused from, what failed before it, how it ended, what it waits for. */
export function whyOf({ state, cachedFrom, because, end, wait, attempts }: Step): string {
  if (cachedFrom !== undefined) return `from ${cachedFrom}`;
  if (because !== undefined) return `because of ${because}`;
  if (end !== undefined) return endWords(end);
  if (wait !== undefined) return wait.reason;
  return state === "succeeded" && attempts > 1 ? `at attempt ${attempts}` : "";
}

function endWords(end: NonNullable<Step["end"]>): string {
  switch (end.kind) {
    case "outcome":
      return outcomeWords(end.outcome);
    case "bad-input":
      return `bad input: ${end.why}`;
    case "footprint-exceeds-host":
    case "needed-run-failed":
    case "cancelled-while-queued":
      return end.kind;
  }
}

const colors: Readonly<Partial<Record<State, Format>>> = {
  resolving: "yellow",
  ready: "yellow",
  running: "cyan",
  succeeded: "green",
  failed: "red",
  pruned: "red",
  waiting: "dim",
  cancelled: "dim",
  skipped: "dim",
};

/** Colours a step's state, or anything said about a step in that state. */
export function paintStep(style: Style, text: string, { state }: Pick<Step, "state">): string {
  const color = colors[state];
  return color === undefined ? text : paint(style, color, text);
}
