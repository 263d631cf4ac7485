import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatDuration, formatInstant, zonedInstant } from "./duration.ts";
import { escapeText } from "./escape.ts";
import { problemLines } from "./problem-lines.ts";
import { facts, heading, prose } from "./prose.ts";
import { paint, type Style } from "./style.ts";
import { table } from "./table.ts";

type Listed = MethodResult<"schedule.list">;
type Schedule = Listed["schedules"][number];
type Tick = Schedule["history"][number];

/** What became of an instant, as one character; the first where the terminal has no more than ASCII. */
const marks: Readonly<Record<Tick["state"], readonly [string, string]>> = {
  fired: [">", "▸"],
  succeeded: ["+", "✓"],
  failed: ["x", "✗"],
  cancelled: ["c", "⊘"],
  skipped: ["-", "·"],
  missed: ["o", "○"],
  refused: ["!", "!"],
};

/** Every schedule with its next and last instant and a strip of what went before, newest on the right. */
export function scheduleTable({ schedules, broken, directory }: Listed, style: Style): string {
  const wrong = broken.flatMap(({ file, problems }) => problemLines(style, file, problems));
  const note =
    wrong.length === 0 ? [] : ["", heading(style, "Files that cannot be used"), ...wrong];
  if (schedules.length === 0) {
    const where = directory === undefined ? "" : `: a file NAME.toml in ${directory} makes one`;
    return [prose(style, `No schedules${where}.`), ...note].join("\n");
  }
  const drawn = table<Schedule>(
    style,
    [
      { title: "NAME", cell: ({ name }) => name, shrinksTo: 8 },
      { title: "WHEN", cell: ({ when }) => when, shrinksTo: 10 },
      { title: "NEXT", cell: (each) => nextText(each, style) },
      { title: "LAST", cell: ({ history }) => lastText(history[0], style), shrinksTo: 12 },
      { title: "HISTORY", cell: ({ history }) => strip(history, style) },
    ],
    schedules,
  );
  return [drawn, ...note].join("\n");
}

/** One schedule: its rules and what became of its instants. */
export function scheduleCard(schedule: MethodResult<"schedule.get">, style: Style): string {
  const { name, help = "", when, zone, work, file, failures, history, problems } = schedule;
  const { overlap, catchUp, jitterMs, startWithinMs, onFailure } = schedule;
  const window = `within ${formatDuration(catchUp.windowMs)}`;
  const { retryAfterMs, retries, pauseAfter } = onFailure;
  const wrong = problemLines(style, file, problems);
  return [
    paint(style, "bold", escapeText(name, style.unicode)),
    ...(help === "" ? [] : [prose(style, help)]),
    "",
    facts(style, [
      ["when", `${when}, ${zone}`],
      ["next", nextText(schedule, style) + howToResume(schedule)],
      ["clock", clockText(schedule)],
      ["starts", work],
      ["jitter", jitterMs === 0 ? "" : `up to ${formatDuration(jitterMs)}`],
      ["overlap", overlap],
      ["missed", catchUp.take === "none" ? "none is made up for" : `${catchUp.take} ${window}`],
      [
        "late",
        startWithinMs === undefined
          ? ""
          : `cancelled when it has not started after ${formatDuration(startWithinMs)}`,
      ],
      [
        "retries",
        retryAfterMs === undefined ? "" : `${retries}, after ${formatDuration(retryAfterMs)}`,
      ],
      ["pauses", pauseAfter === undefined ? "" : `after ${pauseAfter} failures in a row`],
      ["tells of", tellsOf(schedule)],
      ["failures", failures === 0 ? "" : `${failures} in a row`],
      ["file", file],
    ]),
    ...(wrong.length === 0 ? [] : ["", heading(style, "The file now; the above holds"), ...wrong]),
    ...(history.length === 0 ? [] : ["", heading(style, "History"), historyTable(history, style)]),
  ].join("\n");
}

/** The instants that come next, one a line. */
export function nextInstants(next: MethodResult<"schedule.next">, style: Style): string {
  const { instants, zone } = next;
  if (instants.length === 0) return "It never fires again.";
  const left = instants.map((at) => `in ${formatDuration(at - style.now)}`);
  const longest = Math.max(...left.map((text) => text.length));
  const line = (at: number, i: number): string => {
    const inZone = zonedInstant(at, zone);
    const there = inZone === formatInstant(at, 0) ? "" : `  ${inZone} ${zone}`;
    const text = `${formatInstant(at, 0)}  ${left[i]?.padEnd(longest) ?? ""}${there}`;
    return escapeText(text.trimEnd(), style.unicode);
  };
  return instants.map(line).join("\n");
}

/** What came of the instants that were due: a run id or why there is none, one a line. */
export function dueInstants({ instants }: MethodResult<"schedule.due">, style: Style): string {
  return instants
    .map(({ instant, state, runId, because = "" }) => {
      if (runId !== undefined) return runId;
      const text = `${formatInstant(instant, style.now)} ${state}: ${because}`;
      return escapeText(text, style.unicode);
    })
    .join("\n");
}

/** What a change came to. */
export function scheduleLine(schedule: Schedule, style: Style): string {
  const { name, viaProblem } = schedule;
  const clock = viaProblem === undefined ? "" : `; its clock: ${clockText(schedule)}`;
  return escapeText(`${name}: ${nextText(schedule, style)}${clock}`, style.unicode);
}

function tellsOf({ notify }: MethodResult<"schedule.get">): string {
  if (notify === undefined) return "";
  return notify.length === 0 ? "nothing" : notify.join(", ");
}

/** Who holds the clock, where that is not blutd as ever. */
function clockText({ name, via, viaProblem, account }: Schedule): string {
  if (via === "blutd") return "";
  if (viaProblem !== undefined) return `blutd, since systemd cannot hold it: ${viaProblem}`;
  const own = "systemctl --user";
  const systemctl = account === undefined ? own : `sudo ${own} -M ${account}@`;
  return `systemd: ${systemctl} status blut-schedule-${name}.timer`;
}

function historyTable(history: readonly Tick[], style: Style): string {
  return table<Tick>(
    style,
    [
      { title: "INSTANT", cell: ({ instant }) => formatInstant(instant, style.now) },
      { title: "CAUSE", cell: ({ cause }) => cause },
      { title: "STATE", cell: ({ state }) => state },
      { title: "RUN", cell: (tick) => tick.runId ?? whyNot(tick, style), shrinksTo: 16 },
    ],
    history,
  );
}

function whyNot({ because = "", count, since }: Tick, style: Style): string {
  if (count === undefined || since === undefined) return because;
  return `${count} since ${formatInstant(since, style.now)}: ${because}`;
}

function nextText({ state, nextAt }: Schedule, style: Style): string {
  if (state !== "on") return state;
  return nextAt === undefined ? "never" : `in ${formatDuration(nextAt - style.now)}`;
}

function howToResume({ name, state }: Schedule): string {
  return state === "paused" ? `; to go on: blutctl schedule enable ${name}` : "";
}

function lastText(tick: Tick | undefined, style: Style): string {
  if (tick === undefined) return "";
  return `${tick.state} ${formatDuration(style.now - tick.instant)} ago`;
}

function strip(history: readonly Tick[], style: Style): string {
  const marked = history.map(({ state }) => marks[state][style.unicode ? 1 : 0]);
  return marked.reverse().join("");
}
