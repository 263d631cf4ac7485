import { xml } from "../chart/xml.ts";
import { formatBytes } from "../render/bytes.ts";
import { formatDuration } from "../render/duration.ts";
import { reusedWords } from "../render/report/phrases.ts";
import {
  causeWords,
  dayTime,
  nextCommand,
  plural,
  type Failure,
  type Report,
} from "../render/report/words.ts";

type Cell = string | number;

/** What failed: the open ones first, each with the command to type. */
export function failures({ failures: all, moreFailures, untilAt }: Report): string {
  if (all.length === 0) return "";
  const items = all.map((each) => failureItem(each, untilAt)).join("");
  const more =
    moreFailures === 0 ? "" : `<p class="quiet">and ${plural(moreFailures, "more kind")}</p>`;
  return `<ul class="failures">${items}</ul>${more}`;
}

/** What ran, by name. */
export function ran(report: Report): string {
  const { names, moreNames } = report;
  if (names.length === 0) return "";
  const rows = names.map(
    ({ name, succeeded, failed, cancelled, tookMs, peakNeedBytes, schedule, recipe }) => [
      name,
      ...[succeeded, failed, cancelled].map(count),
      formatDuration(tookMs),
      peakNeedBytes === undefined ? "" : formatBytes(peakNeedBytes),
      schedule ?? recipe ?? "",
    ],
  );
  const heads = ["Name", "Well", "Failed", "Cancelled", "Time", "Peak", "From"];
  const below = [
    moreNames === 0 ? "" : `and ${plural(moreNames, "more name")}`,
    reusedWords(report),
  ];
  const quiet = below
    .filter((words) => words !== "")
    .map((words) => `<p class="quiet">${words}</p>`);
  return table(heads, rows, [1, 2, 3, 4, 5]) + quiet.join("");
}

/** What became of the instants of schedules. */
export function schedules({ schedules: all, paused, moreSchedules, untilAt }: Report): string {
  const resting = paused.map(
    ({ name, pausedAt, failures: times }) =>
      `<p><strong>${xml(name)}</strong> is paused since ${dayTime(pausedAt, untilAt)} after ${plural(times, "failure")}: ` +
      `<code>blutctl schedule enable ${xml(name)}</code></p>`,
  );
  const rows = all.map(
    ({ name, succeeded, failed, cancelled, skipped, missed, refused, late, because = "" }) => [
      name,
      ...[succeeded, failed, cancelled, skipped, missed, refused, late].map(count),
      because,
    ],
  );
  const heads = [
    "Name",
    "Well",
    "Failed",
    "Cancelled",
    "Skipped",
    "Missed",
    "Refused",
    "Late",
    "Why not",
  ];
  const more = moreSchedules === 0 ? "" : `<p class="quiet">and ${moreSchedules} more</p>`;
  const drawn = rows.length === 0 ? "" : table(heads, rows, [1, 2, 3, 4, 5, 6, 7]) + more;
  return resting.join("") + drawn;
}

function failureItem(failure: Failure, untilAt: number): string {
  const { name, cause, count: times, recovered, at, sentence, lastLine } = failure;
  const often = times === 1 ? "" : `, ${plural(times, "time")}`;
  const mended = recovered ? ' <span class="badge">ended well later</span>' : "";
  return (
    `<li class="${recovered ? "mended" : "open"}"><p><strong>${xml(name)}</strong> ${xml(causeWords(cause))}${often}, ` +
    `${dayTime(at, untilAt)}${mended}</p><p class="quiet">${xml(sentence)}</p>` +
    (lastLine === undefined ? "" : `<pre>${xml(lastLine)}</pre>`) +
    `<p><code>${xml(nextCommand(failure))}</code></p></li>`
  );
}

function count(value: number): Cell {
  return value === 0 ? "" : value;
}

/** `numbers`: columns that are set to the right. */
function table(
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  numbers: readonly number[],
): string {
  const classOf = (i: number): string => (numbers.includes(i) ? ' class="number"' : "");
  const head = heads.map((text, i) => `<th scope="col"${classOf(i)}>${text}</th>`).join("");
  const body = rows.map((row) => {
    const [first = "", ...rest] = row;
    const cells = rest.map((cell, i) => `<td${classOf(i + 1)}>${xml(String(cell))}</td>`).join("");
    return `<tr><th scope="row">${xml(String(first))}</th>${cells}</tr>`;
  });
  return `<div class="wide" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}
