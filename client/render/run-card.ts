import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { bar } from "./bar.ts";
import { formatBytes, formatBytesShort } from "./bytes.ts";
import { formatDuration, formatInstant } from "./duration.ts";
import { escapeText } from "./escape.ts";
import { outcomeWords, paintState } from "./outcome.ts";
import { facts, heading, prose, type Fact } from "./prose.ts";
import { runTime } from "./run-table.ts";
import { paint, type Style } from "./style.ts";
import { stepSummary, stepTable } from "./step-table.ts";
import { table } from "./table.ts";

type Run = MethodResult<"run.get">;
type Attempt = Run["history"][number];

const barCells = 20;
/** Attempts of a DAG shown at once. */
const mostAttempts = 20;

/** One run as a card: what it is, how it stands, its memory, and every attempt with its end. */
export function runCard(run: Run, style: Style): string {
  const title = `${run.id}  ${paint(style, "bold", escapeText(run.name, style.unicode))}`;
  const parts = [
    title,
    paintState(style, prose(style, run.sentence), run.state),
    "",
    factsOf(run, style),
    isDag(run) ? `\n${stepTable(run, style)}` : "",
    toldAttempts(run).length === 0 ? "" : `\n${attemptTable(run, style)}`,
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
    ["timeout", timeouts(run)],
    ["dedupe", run.dedupeKey ?? ""],
    ["retry of", run.retriedFrom ?? ""],
    ["held by", run.containment === "polling" ? "polling, not systemd" : (last?.unit ?? "")],
    ["files", filesOf(run)],
  ]);
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

function memoryLine(run: Run, style: Style): Fact[1] {
  if (run.limitBytes === undefined) return "";
  const live = run.state === "running" && run.usedBytes !== undefined;
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

function attemptTable(run: Run, style: Style): string {
  const history = toldAttempts(run);
  const drawn = table(
    style,
    [
      { title: "TRY", cell: (attempt) => String(attempt.number), align: "right" },
      { title: "STEP", cell: ({ step }) => (isDag(run) ? step : ""), shrinksTo: 8 },
      { title: "LIMIT", cell: (attempt) => formatBytesShort(attempt.limitBytes), align: "right" },
      { title: "PEAK", cell: peak, align: "right" },
      { title: "CACHED", cell: cached, align: "right" },
      { title: "TIME", cell: (attempt) => attemptTime(attempt, style.now), align: "right" },
      { title: "CPU", cell: cpu, align: "right" },
      { title: "HOW IT ENDED", cell: ending, shrinksTo: 20, wraps: true },
    ],
    history,
  );
  return `${heading(style, history.length === 1 ? "Attempt" : "Attempts")}\n${drawn}`;
}

/** A peak that was held down by the limit says "at least". */
function peak({ peakNeedBytes, rodeLimit }: Attempt): string {
  if (peakNeedBytes === undefined) return "";
  return `${rodeLimit ? ">=" : ""}${formatBytesShort(peakNeedBytes)}`;
}

/** What the kernel counted on top of the need: page cache. */
function cached({ peakTotalBytes, peakNeedBytes }: Attempt): string {
  if (peakTotalBytes === undefined || peakNeedBytes === undefined) return "";
  return formatBytesShort(Math.max(0, peakTotalBytes - peakNeedBytes));
}

function attemptTime({ startedAt, endedAt }: Attempt, now: number): string {
  return startedAt === undefined ? "" : formatDuration((endedAt ?? now) - startedAt);
}

function cpu({ cpuUsageUsec }: Attempt): string {
  return cpuUsageUsec === undefined ? "" : formatDuration(cpuUsageUsec / 1000);
}

function ending({ outcome, state, leftovers }: Attempt): string {
  if (outcome === undefined) return state;
  const left = leftovers === 0 ? "" : `; ${leftovers} processes left behind were killed`;
  return outcomeWords(outcome) + left;
}
