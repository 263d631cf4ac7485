import { escapeText } from "../escape.ts";
import { facts, prose } from "../prose.ts";
import { paint, type Style } from "../style.ts";
import { diskPhrases, indented, startWords, waitPhrases } from "./phrases.ts";
import { dayTime, plural, type Report } from "./words.ts";

type Schedule = Report["schedules"][number];

/** How long runs waited for their first attempt. */
export function waitsPart(report: Report, style: Style): string {
  return facts(style, indented(waitPhrases(report)));
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

/** Starts of the daemon. */
export function daemonPart(report: Report, style: Style): string {
  const words = startWords(report);
  return words === "" ? "" : `  ${prose(style, words, 2)}`;
}

/** What the state takes of its disk. */
export function diskPart(report: Report, style: Style): string {
  return facts(style, indented(diskPhrases(report)));
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
