import { area, curveMonotoneX } from "d3-shape";
import { xml } from "../chart/xml.ts";
import { formatBytes } from "../render/bytes.ts";
import { formatDuration } from "../render/duration.ts";
import { causeWords, type Report } from "../render/report/words.ts";
import { chart, placeIn, type Frame, type Place } from "./plot.ts";

type Course = Report["courses"][number];

/** Memory against limit over time, a chart for each step; several attempts stand side by side in it. */
export function courseCharts({ courses, untilAt }: Report): string {
  const groups = Map.groupBy(courses, ({ runId, step }) => `${runId} ${step}`);
  return [...groups.values()].map((attempts) => card(attempts, untilAt)).join("");
}

function card(attempts: readonly Course[], untilAt: number): string {
  const inOrder = attempts.toSorted((a, b) => a.startedAt - b.startedAt);
  const [first] = inOrder;
  const last = inOrder.at(-1);
  if (first === undefined || last === undefined) return "";
  const end = last.endedAt ?? untilAt;
  const mostBytes = 1.15 * Math.max(...inOrder.map(({ limitBytes }) => limitBytes));
  const frame: Frame = { sinceAt: first.startedAt, untilAt: end, mostBytes, height: 120 };
  const place = placeIn(frame);
  const step = first.step === "main" ? "" : `/${first.step}`;
  const title = `${first.name}${step}`;
  const about = inOrder.map((each) => sentence(each, untilAt)).join(" ");
  const drawn = inOrder.map((each) => courseSvg(each, untilAt, place)).join("");
  const over = inOrder.map((each) => endMark(each, place, frame)).join("");
  return (
    `<figure class="course"><figcaption><strong>${xml(title)}</strong> <code>${xml(first.runId)}</code>` +
    `</figcaption>${chart({ title: `Memory of ${title}`, about }, frame, drawn, over)}` +
    `<p class="quiet">${xml(about)}</p></figure>`
  );
}

/** What an attempt held and how it ended, as a sentence. */
function sentence(
  { number, limitBytes, needBytes, cause, startedAt, endedAt }: Course,
  untilAt: number,
) {
  const peak = formatBytes(Math.max(0, ...needBytes.map((need) => need ?? 0)));
  const length = formatDuration((endedAt ?? untilAt) - startedAt);
  const how = endedAt === undefined ? "goes on" : causeWords(cause ?? "");
  return `Attempt ${number}: ${peak} of ${formatBytes(limitBytes)}, ${length}, ${how}.`;
}

function courseSvg(course: Course, untilAt: number, place: Place): string {
  const { startedAt, stepMs, needBytes, limitBytes, endedAt = untilAt } = course;
  const points = needBytes.flatMap((need, i) =>
    need === null ? [] : { at: Math.min(endedAt, startedAt + (i + 0.5) * stepMs), need },
  );
  const shape = area<{ readonly at: number; readonly need: number }>()
    .curve(curveMonotoneX)
    .x(({ at }) => place.x(at))
    .y0(place.y(0))
    .y1(({ need }) => place.y(need));
  const limit = `M${place.x(startedAt)} ${place.y(limitBytes)}H${place.x(endedAt)}`;
  return `<path class="need" d="${shape(points) ?? ""}"/><path class="limits" d="${limit}"/>`;
}

/** A cross where an attempt was killed or failed: colour alone says nothing to some. */
function endMark({ cause, endedAt, limitBytes }: Course, place: Place, frame: Frame): string {
  if (endedAt === undefined || cause === undefined || cause === "succeeded") return "";
  const y = (place.y(limitBytes) / 100) * frame.height;
  return `<text class="end" x="${place.percent(endedAt)}" y="${y + 5}" text-anchor="end">✕</text>`;
}
