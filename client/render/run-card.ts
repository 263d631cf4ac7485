import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { attemptTable } from "./attempt-table.ts";
import { bar } from "./bar.ts";
import { formatBytes } from "./bytes.ts";
import { formatDuration, formatInstant } from "./duration.ts";
import { escapeText } from "./escape.ts";
import { paintState } from "./outcome.ts";
import { facts, prose, type Fact } from "./prose.ts";
import { runTime } from "./run-table.ts";
import { paint, type Style } from "./style.ts";
import { stepSummary, stepTable } from "./step-table.ts";

type Run = MethodResult<"run.get">;

const barCells = 20;
/** Attempts of a DAG shown at once. */
const mostAttempts = 20;

/** One run as a card: what it is, how it stands, its memory, and every attempt with its end. */
export function runCard(run: Run, style: Style): string {
  const told = toldAttempts(run);
  const title = `${run.id}  ${paint(style, "bold", escapeText(run.name, style.unicode))}`;
  const parts = [
    title,
    paintState(style, prose(style, run.sentence), run.state),
    "",
    factsOf(run, style),
    isDag(run) ? `\n${stepTable(run, style)}` : "",
    told.length === 0 ? "" : `\n${attemptTable(told, style, { steps: isDag(run) })}`,
  ];
  return parts.filter((part, index) => part !== "" || index === 2).join("\n");
}

/** A plan of several steps, or one that was fanned out. */
function isDag({ steps }: Run): boolean {
  return steps.length > 1;
}

/** Every attempt of a command; of a DAG, whose steps say how they ended, those that tell a story. */
function toldAttempts(run: Run): Run["history"] {
  if (!isDag(run)) return run.history;
  const retried = new Set(run.history.filter((a) => a.number > 1).map(({ step }) => step));
  const telling = run.history.filter(
    ({ step, outcome }) => retried.has(step) || outcome?.cause !== "succeeded",
  );
  return telling.slice(-mostAttempts);
}

function factsOf(run: Run, style: Style): string {
  const last = run.history.at(-1);
  const [step] = run.steps;
  // That a step waits for another is in the table.
  const waits = run.steps
    .map(({ wait }) => wait)
    .find((wait) => wait !== undefined && wait.reason !== "waits-for-step");
  return facts(style, [
    ["command", isDag(run) ? "" : run.command],
    ["steps", isDag(run) ? stepSummary(run) : ""],
    ["in", step?.cwd ?? ""],
    ["submitted", times(run, style)],
    ["memory", isDag(run) ? "" : memoryLine(run, style)],
    ["limit", isDag(run) ? "" : (last?.limitSentence ?? "")],
    ["learns as", isDag(run) ? "" : (step?.calibrationKey ?? "")],
    ["waits", waits === undefined ? "" : `${waits.reason}: ${waits.message}`],
    ["what helps", waits?.unblocks ?? ""],
    ["needs", run.needs.join(", ")],
    ["after", run.after.join(", ")],
    ["timeout", isDag(run) ? "" : timeouts(run)],
    ["dedupe", run.dedupeKey ?? ""],
    ["notify", run.notify === undefined ? "" : run.notify.join(", ") || "none"],
    ["retry of", run.retriedFrom ?? ""],
    ["held by", run.containment === "polling" ? "polling, not systemd" : (last?.unit ?? "")],
    ["files", filesOf(run)],
    ["logs", logsOf(run, style)],
    ["pinned", run.pinned ? "yes: it is kept for good" : ""],
  ]);
}

/** Only where they are gone: else the files say it all. */
function logsOf({ logsCollectedAt }: Run, style: Style): string {
  if (logsCollectedAt === undefined) return "";
  return `collected ${formatDuration(style.now - logsCollectedAt)} ago; its figures are kept`;
}

/** Of a command its newest attempt's directory; of a DAG the one that has those of all steps. */
function filesOf(run: Run): string {
  const directory = run.history.at(-1)?.directory ?? "";
  return isDag(run) ? directory.split("/").slice(0, -2).join("/") : directory;
}

function times(run: Run, style: Style): string {
  const at = formatInstant(run.createdAt, style.now);
  const ago = formatDuration(style.now - run.createdAt);
  const started = run.startedAt !== undefined;
  const so =
    run.endedAt === undefined
      ? `${started ? "running" : "waiting"} for`
      : started
        ? "ran"
        : "waited";
  return `${at}, ${ago} ago; ${so} ${runTime(run, style.now)}`;
}

/** How much of a limit is or was taken. */
export function memoryLine(
  run: Pick<Run, "limitBytes" | "usedBytes" | "peakNeedBytes">,
  style: Style,
): Fact[1] {
  if (run.limitBytes === undefined) return "";
  const live = run.usedBytes !== undefined;
  const amount = live ? run.usedBytes : run.peakNeedBytes;
  const of = formatBytes(run.limitBytes);
  if (amount === undefined) return `limit ${of}, nothing measured yet`;
  const drawn = bar(style, { used: amount, total: run.limitBytes }, barCells);
  return { drawn: `${drawn} ${live ? "in use" : "peak"} ${formatBytes(amount)} of ${of}` };
}

function timeouts({ timeoutMs, softTimeoutMs }: Run): string {
  const soft =
    softTimeoutMs === undefined ? [] : [`warning after ${formatDuration(softTimeoutMs)}`];
  const hard = timeoutMs === undefined ? [] : [`stopped after ${formatDuration(timeoutMs)}`];
  return [...soft, ...hard].join(", ");
}
