import { createHash } from "node:crypto";
import { xml } from "../chart/xml.ts";
import { formatBytes } from "../render/bytes.ts";
import { formatDuration } from "../render/duration.ts";
import {
  byteHours,
  dayTime,
  headline,
  minutesWords,
  nowWords,
  reasonWords,
  share,
  type Report,
} from "../render/report/words.ts";
import { boxChart } from "./box-chart.ts";
import { courseCharts } from "./course-charts.ts";
import { css } from "./css.ts";
import { failures, ran, schedules } from "./tables.ts";
import { timeline } from "./timeline.ts";

/**
 * A report as one page that needs nothing else: no script, no network, no font. What runs say is text in it and
 * nothing more, and the page's own policy forbids the rest.
 */
export function reportPage(report: Report): string {
  const { sinceAt, untilAt } = report;
  const span = `${dayTime(sinceAt, untilAt)} to ${dayTime(untilAt, untilAt)}, ${formatDuration(untilAt - sinceAt)}`;
  const parts = [
    section("What failed", failures(report)),
    section("Timeline", timeline(report)),
    section("The box", boxChart(report)),
    section("Memory against limit", courses(report)),
    section("What ran", ran(report)),
    section("Schedules", schedules(report)),
    section("Besides", besides(report)),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${xml(`blut: ${headline(report)}`)}</title>
<style>${css}</style>
</head>
<body>
<header class="${report.needYou > 0 ? "warn" : "well"}">
<p class="quiet">blut, ${xml(span)}</p>
<h1>${xml(headline(report))}</h1>
<p class="quiet">${xml(nowWords(report))} when this was written</p>
</header>
<main>
${tiles(report)}
${parts.filter((part) => part !== "").join("\n")}
</main>
</body>
</html>
`;
}

const hash = createHash("sha256").update(css).digest("base64");
/** Nothing may be loaded and nothing run; this one style is allowed. */
const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;

function section(title: string, body: string): string {
  return body === "" ? "" : `<section><h2>${title}</h2>${body}</section>`;
}

/** The figures that matter most, in large. */
function tiles({ runs, memory, box }: Report): string {
  const { limitByteSeconds, needByteSeconds, savedByteSeconds, kills } = memory;
  const near = box.nearMinutes;
  const facts: [string, string][] = [
    [String(runs.succeeded + runs.failed + runs.cancelled), "runs ended"],
    [String(runs.failed), "failed"],
    [limitByteSeconds === 0 ? "" : byteHours(limitByteSeconds), "held by limits"],
    [limitByteSeconds === 0 ? "" : share(needByteSeconds, limitByteSeconds), "of it needed"],
    [savedByteSeconds === 0 ? "" : byteHours(savedByteSeconds), "left free by what was learnt"],
    [kills === 0 ? "" : String(kills), "killed at their own limits"],
    [box.minutes === 0 ? "" : near === 0 ? "none" : minutesWords(near), "near-misses of the box"],
  ];
  const drawn = facts
    .filter(([figure]) => figure !== "")
    .map(([figure, words]) => `<li><strong>${xml(figure)}</strong>${words}</li>`);
  return `<ul class="tiles">${drawn.join("")}</ul>`;
}

function courses(report: Report): string {
  const drawn = courseCharts(report);
  return drawn === "" ? "" : `<div class="courses">${drawn}</div>`;
}

function besides({ waits, cache, daemon, disk, memory, box }: Report): string {
  const [most] = memory.wasted;
  const lines = [
    waits === undefined
      ? ""
      : `Half of the runs waited at most ${formatDuration(waits.medianMs)}, 95 % at most ${formatDuration(waits.p95Ms)}; ` +
        `the longest was ${waits.longest.name} with ${formatDuration(waits.longest.until - waits.longest.from)}` +
        (waits.longest.why === undefined
          ? "."
          : `, mostly because ${reasonWords[waits.longest.why]}.`),
    most === undefined
      ? ""
      : `${most.name} held most without needing it: ${byteHours(most.byteSeconds)}, with a limit of ${formatBytes(most.limitBytes)} and a peak of ${formatBytes(most.peakNeedBytes)}.`,
    memory.kills === 0
      ? ""
      : `Kills at own limits cost ${formatDuration(memory.killedMs)} of work.`,
    box.killedFromOutside === 0
      ? ""
      : `${box.killedFromOutside} attempts were killed from outside for want of memory.`,
    cache.hits === 0
      ? ""
      : `${cache.hits} steps were there already, which saved ${formatDuration(cache.savedMs)} of work.`,
    daemon.starts === 0
      ? ""
      : `The daemon started ${daemon.starts} times, ${daemon.reboots} of them after a restart of the machine and ${daemon.deaths} after it had died.`,
    `The database takes ${formatBytes(disk.databaseBytes)}, logs ${formatBytes(disk.logBytes)}, artifacts ${formatBytes(disk.artifactBytes)}; ${formatBytes(disk.freeBytes)} of ${formatBytes(disk.totalBytes)} are free.`,
  ];
  const items = lines.filter((line) => line !== "").map((line) => `<li>${xml(line)}</li>`);
  return `<ul class="facts">${items.join("")}</ul>`;
}
