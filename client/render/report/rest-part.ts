import { formatBytes } from "../bytes.ts";
import { formatDuration } from "../duration.ts";
import { escapeText } from "../escape.ts";
import { facts, prose, type Fact } from "../prose.ts";
import { paint, type Style } from "../style.ts";
import { dayTime, plural, reasonWords, type Report } from "./words.ts";

type Schedule = Report["schedules"][number];

/** Shorter waits are no news. */
const shortMs = 60_000;

/** How long runs waited for their first attempt, and what the longest waited for. */
export function waitsPart({ waits }: Report, style: Style): string {
  if (waits === undefined || waits.p95Ms < shortMs) return "";
  const { medianMs, p95Ms, longest } = waits;
  const why = longest.why === undefined ? "" : `, mostly because ${reasonWords[longest.why]}`;
  const length = formatDuration(longest.until - longest.from);
  return facts(style, [
    ["  median", `${formatDuration(medianMs)}; 95 % waited at most ${formatDuration(p95Ms)}`],
    ["  longest", `${longest.name}: ${length}${why} (${longest.runId})`],
  ]);
}

/** What became of schedules: one line each, those in trouble first. */
export function schedulesPart({ schedules, moreSchedules, paused, untilAt }: Report, style: Style) {
  const [troubled, fine] = [schedules.filter(isTroubled), schedules.filter((s) => !isTroubled(s))];
  const lines = [
    ...paused.map(({ name, failures, pausedAt }) => {
      const safe = escapeText(name, style.unicode);
      const told = `paused since ${dayTime(pausedAt, untilAt)} after ${plural(failures, "failure")}`;
      return `  ${paint(style, "yellow", `${safe}: ${told}`)}\n    blutctl schedule enable ${safe}`;
    }),
    ...troubled.map((each) => `  ${prose(style, scheduleWords(each), 2)}`),
    ...(fine.length === 0 ? [] : [`  ${prose(style, fineWords(fine), 2)}`]),
    ...(moreSchedules === 0 ? [] : [`  and ${moreSchedules} more: blutctl schedule list`]),
  ];
  return lines.join("\n");
}

/** Starts of the daemon that nobody asked for. */
export function daemonPart({ daemon: { starts, reboots, deaths } }: Report, style: Style): string {
  if (starts === 0) return "";
  const words = [
    `started ${starts === 1 ? "once" : `${starts} times`}`,
    ...(reboots === 0 ? [] : [`${reboots} of them after a restart of the machine`]),
    ...(deaths === 0 ? [] : [`${deaths} after it had been killed or had died`]),
  ];
  return `  ${prose(style, words.join(", "), 2)}`;
}

/** What the state takes of its disk. */
export function diskPart({ disk }: Report, style: Style): string {
  const { databaseBytes, logBytes, artifactBytes, freeBytes, totalBytes, collected } = disk;
  const rows: Fact[] = [
    ["  database", formatBytes(databaseBytes)],
    ["  logs", logBytes === 0 ? "" : formatBytes(logBytes)],
    ["  artifacts", artifactBytes === 0 ? "" : formatBytes(artifactBytes)],
    ["  free", `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)}`],
    ["  collected", collectedWords(collected)],
  ];
  return facts(style, rows);
}

function collectedWords({ runs, logs, freedBytes }: Report["disk"]["collected"]): string {
  if (freedBytes + runs + logs === 0) return "";
  const what = [
    ...(runs === 0 ? [] : [plural(runs, "run")]),
    ...(logs === 0 ? [] : [`the logs of ${plural(logs, "run")}${runs === 0 ? "" : " more"}`]),
  ];
  return [...what, formatBytes(freedBytes)].join(", ");
}

function isTroubled({ failed, skipped, missed, refused, late }: Schedule): boolean {
  return failed + skipped + missed + refused + late > 0;
}

function fineWords(fine: readonly Schedule[]): string {
  const fired = fine.reduce((sum, each) => sum + each.fired + each.succeeded + each.cancelled, 0);
  return `${plural(fired, "instant")} of ${plural(fine.length, "schedule")} went as planned`;
}

function scheduleWords({ name, because, ...figures }: Schedule): string {
  const { succeeded, failed, cancelled, skipped, missed, refused, late } = figures;
  const words = Object.entries({ succeeded, failed, cancelled, skipped, missed, refused, late })
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word === "succeeded" ? "well" : word}`);
  const why = because === undefined ? "" : ` (last: ${because})`;
  return `${name}: ${words.join(", ")}${why}`;
}
