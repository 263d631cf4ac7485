import { createHash } from "node:crypto";
import { xml } from "../chart/xml.ts";
import { formatDuration } from "../render/duration.ts";
import {
  costPhrases,
  diskPhrases,
  outsidePhrase,
  startWords,
  waitPhrases,
  type Phrase,
} from "../render/report/phrases.ts";
import {
  byteHours,
  dayTime,
  headline,
  minutesWords,
  nowWords,
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

/** What has no chart and no table, in the words of a terminal. */
function besides(report: Report): string {
  const parts: [title: string, phrases: readonly Phrase[]][] = [
    ["Waiting", waitPhrases(report)],
    ["Memory", costPhrases(report)],
    ["The box", [outsidePhrase(report)]],
    ["The daemon", [["", startWords(report)]]],
    ["Disk", diskPhrases(report)],
  ];
  const drawn = parts.map(([title, phrases]) => {
    const said = phrases.filter(([, words]) => words !== "");
    const lines = said.map(
      ([label, words]) => `<dd>${xml(label === "" ? words : `${label}: ${words}`)}</dd>`,
    );
    return lines.length === 0 ? "" : `<dt>${title}</dt>${lines.join("")}`;
  });
  return `<dl class="facts">${drawn.join("")}</dl>`;
}
