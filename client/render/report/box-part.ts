import { formatBytes } from "../bytes.ts";
import { facts, type Fact } from "../prose.ts";
import { sparkline } from "../sparkline.ts";
import { paint, type Style } from "../style.ts";
import { costPhrases, indented, outsidePhrase } from "./phrases.ts";
import { byteHours, minutesWords, plural, share, type Report } from "./words.ts";

type Minute = Report["minutes"][number];

/** What a course shows, and which of several is shown in one cell. */
interface Course {
  readonly word: string;
  readonly value: (minute: Minute) => number;
  readonly worst: (...values: number[]) => number;
}

const needed: Course = { word: "up to", value: ({ needBytes }) => needBytes, worst: Math.max };
const available: Course = {
  word: "down to",
  value: ({ availableBytes }) => availableBytes,
  worst: Math.min,
};

/** Cells of a course; each stands for as much time as every other. */
const cells = 48;

/** What limits held, saved and cost. */
export function memoryPart(report: Report, style: Style): string {
  const { limitByteSeconds, needByteSeconds, savedByteSeconds, addedByteSeconds } = report.memory;
  const { measuredAttempts } = report.memory;
  const rows: Fact[] = [
    [
      "  reserved",
      limitByteSeconds === 0
        ? ""
        : `${byteHours(limitByteSeconds)} by limits, ${share(needByteSeconds, limitByteSeconds)} of it needed`,
    ],
    [
      "  learnt",
      measuredAttempts === 0
        ? ""
        : `limits of ${plural(measuredAttempts, "attempt")} left ${byteHours(savedByteSeconds)} free` +
          (addedByteSeconds > 0
            ? `, and gave ${byteHours(addedByteSeconds)} more where needed`
            : ""),
    ],
    ...indented(costPhrases(report)),
  ];
  return some(rows) ? facts(style, rows) : "";
}

/** How near the box came to running out. */
export function boxPart(report: Report, style: Style): string {
  const { box, minutes } = report;
  if (minutes.length === 0) return "";
  const { leastAvailableBytes = 0, floorBytes, highestPressure, pressureStop } = box;
  const { floorMinutes, pressureMinutes } = box;
  const [, outside] = outsidePhrase(report);
  const warn = (text: string, isBad: boolean): Fact[1] => ({
    drawn: isBad ? paint(style, "yellow", text) : text,
  });
  const rows: Fact[] = [
    ["  needed", course(report, style, needed)],
    ["  available", course(report, style, available)],
    [
      "  least",
      warn(
        `${formatBytes(leastAvailableBytes)} available, ${formatBytes(floorBytes)} are kept free` +
          (floorMinutes === 0 ? "" : `; below that for ${minutesWords(floorMinutes)}`),
        floorMinutes > 0,
      ),
    ],
    [
      "  pressure",
      highestPressure === undefined || highestPressure === 0
        ? ""
        : warn(
            `up to ${highestPressure} %` +
              (pressureMinutes === 0
                ? ""
                : `; at ${pressureStop} % or more for ${minutesWords(pressureMinutes)}, when nothing starts`),
            pressureMinutes > 0,
          ),
    ],
    ["  killed", outside === "" ? "" : warn(outside, true)],
  ];
  return facts(style, rows);
}

/** A sparkline over the whole span, a gap where nothing ran, with its extreme behind it. */
function course(report: Report, style: Style, of: Course): { readonly drawn: string } {
  const { minutes, stepMs, sinceAt, untilAt } = report;
  const cellMs = Math.max(stepMs, (untilAt - sinceAt) / cells);
  const count = Math.min(cells, Math.ceil((untilAt - sinceAt) / cellMs));
  const values = Array.from({ length: count }, (_, i) => {
    const from = sinceAt + i * cellMs;
    const inIt = minutes.filter(({ at }) => at + stepMs > from && at < from + cellMs);
    return inIt.length === 0 ? undefined : of.worst(...inIt.map(of.value));
  });
  const known = values.filter((value) => value !== undefined);
  const drawn = Array.from(sparkline(style, known, known.length));
  const line = values.map((value) => (value === undefined ? " " : drawn.shift())).join("");
  return { drawn: `${line.padEnd(count)} ${of.word} ${formatBytes(of.worst(...known))}` };
}

function some(rows: readonly Fact[]): boolean {
  return rows.some(([, value]) => value !== "");
}
