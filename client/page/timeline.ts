import { xml } from "../chart/xml.ts";
import { formatDuration } from "../render/duration.ts";
import { causeWords, plural, type Report } from "../render/report/words.ts";
import { figure, placeIn, round, timeGrid, timeLabels } from "./plot.ts";

type Bar = Report["bars"][number];

/** One row: bars that do not overlap. */
interface Lane {
  readonly name: string;
  readonly bars: readonly Bar[];
  /** The first of its name carries it. */
  readonly isFirst: boolean;
}

const laneHeight = 18;
const nameHeight = 16;
const mostLanes = 60;

/** When what ran: a lane for each name, more where its runs overlap. */
export function timeline({ bars, moreBars, sinceAt, untilAt }: Report): string {
  if (bars.length === 0) return "";
  const lanes = lanesOf(bars, sinceAt, untilAt);
  const shown = lanes.slice(0, mostLanes);
  const place = placeIn({ sinceAt, untilAt, mostBytes: 1, height: 1 });
  let top = 0;
  const drawn = shown.map((lane) => {
    top += lane.isFirst ? nameHeight : 0;
    const name = lane.isFirst
      ? `<text class="lane" x="2" y="${top - 4}">${xml(lane.name)}</text>`
      : "";
    const row = lane.bars
      .map((bar) => barSvg(bar, { sinceAt, untilAt, top }, place.percent))
      .join("");
    top += laneHeight;
    return name + row;
  });
  const drawnBars = shown.flatMap((lane) => lane.bars);
  const about = `${plural(drawnBars.length, "run")} in ${plural(shown.length, "lane")}, coloured by how they ended.`;
  const picture = figure(
    { title: "Timeline of runs", about },
    top + 22,
    timeGrid({ sinceAt, untilAt }, top) + drawn.join("") + timeLabels({ sinceAt, untilAt }, top),
  );
  const hidden = moreBars + bars.length - drawnBars.length;
  const more =
    hidden === 0
      ? ""
      : `<p class="quiet">${hidden} more ${hidden === 1 ? "run is" : "runs are"} not drawn.</p>`;
  return picture + legend(drawnBars) + more;
}

function lanesOf(bars: readonly Bar[], sinceAt: number, untilAt: number): Lane[] {
  const endOf = ({ endedAt = untilAt }: Bar): number => endedAt;
  const inOrder = bars.toSorted((a, b) => startOf(a, sinceAt) - startOf(b, sinceAt));
  return [...Map.groupBy(inOrder, ({ name }) => name)].flatMap(([name, runs]) => {
    const rows: Bar[][] = [];
    for (const run of runs) {
      const row = rows.find((each) => {
        const last = each.at(-1);
        return last !== undefined && endOf(last) <= startOf(run, sinceAt);
      });
      if (row === undefined) rows.push([run]);
      else row.push(run);
    }
    return rows.map((row, i) => ({ name, bars: row, isFirst: i === 0 }));
  });
}

function startOf({ startedAt, createdAt }: Bar, sinceAt: number): number {
  return Math.max(sinceAt, startedAt ?? createdAt);
}

function barSvg(
  bar: Bar,
  { sinceAt, untilAt, top }: { sinceAt: number; untilAt: number; top: number },
  percent: (at: number) => string,
): string {
  const { id, name, state, cause, startedAt, endedAt = untilAt } = bar;
  const from = startOf(bar, sinceAt);
  const width = round((100 * (endedAt - from)) / (untilAt - sinceAt));
  const length = startedAt === undefined ? "did not start" : formatDuration(endedAt - startedAt);
  const how = cause === undefined ? state : `${state}: ${causeWords(cause)}`;
  return (
    `<rect class="bar ${state}" x="${percent(from)}" y="${top + 2}" width="${Math.max(0.4, width)}%" ` +
    `height="${laneHeight - 6}" rx="2"><title>${xml(`${name}, ${how}, ${length} (${id})`)}</title></rect>` +
    (state === "failed" ? cross(percent(endedAt), top) : "")
  );
}

/** Red and green are the same to some: what failed has a cross behind it. */
function cross(x: string, top: number): string {
  return `<text class="end" x="${x}" dx="3" y="${top + laneHeight - 5}" aria-hidden="true">✕</text>`;
}

function legend(bars: readonly Bar[]): string {
  const items = [...Map.groupBy(bars, ({ state }) => state)].map(
    ([state, of]) =>
      `<li><svg class="key" width="22" height="12" aria-hidden="true">` +
      `<rect class="bar ${state}" x="1" y="1" width="20" height="10" rx="2"/></svg>${of.length} ${state}</li>`,
  );
  return `<ul class="legend">${items.join("")}</ul>`;
}
