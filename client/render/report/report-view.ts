import { formatDuration } from "../duration.ts";
import { heading, prose } from "../prose.ts";
import { paint, type Style } from "../style.ts";
import { boxPart, memoryPart } from "./box-part.ts";
import { failuresPart, recoveredPart } from "./failures-part.ts";
import { daemonPart, diskPart, schedulesPart, waitsPart } from "./rest-part.ts";
import { ranPart } from "./ran-part.ts";
import { dayTime, headline, nowWords, type Report } from "./words.ts";

/** A report to read over coffee: the headline, then what needs somebody, then the rest. */
export function reportView(report: Report, style: Style): string {
  const { sinceAt, untilAt, needYou } = report;
  const color = needYou > 0 ? "yellow" : "green";
  const span = `${dayTime(sinceAt, untilAt)} to ${dayTime(untilAt, untilAt)}, ${formatDuration(untilAt - sinceAt)}; ${nowWords(report)}`;
  const top = [
    paint(style, ["bold", color], headline(report)),
    paint(style, "dim", prose(style, span)),
  ];
  const sections = [
    part(style, "Needs you", failuresPart(report, style)),
    part(style, "Went well in the end", recoveredPart(report, style)),
    part(style, "What ran", ranPart(report, style)),
    part(style, "Memory", memoryPart(report, style)),
    part(style, "The box", boxPart(report, style)),
    part(style, "Waiting", waitsPart(report, style)),
    part(style, "Schedules", schedulesPart(report, style)),
    part(style, "The daemon", daemonPart(report, style)),
    part(style, "Disk", diskPart(report, style)),
  ];
  return [top.join("\n"), ...sections.filter((text) => text !== "")].join("\n\n");
}

function part(style: Style, title: string, body: string): string {
  return body === "" ? "" : `${heading(style, title)}\n${body}`;
}
