import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { stampText } from "../../daemon/protocol/units.ts";
import { bar } from "./bar.ts";
import { formatBytes, formatBytesShort } from "./bytes.ts";
import { formatDuration, formatInstant } from "./duration.ts";
import { endWord, paintState } from "./outcome.ts";
import { facts, heading, prose } from "./prose.ts";
import { runTime } from "./run-table.ts";
import { paint, type Style } from "./style.ts";
import { table, type Column } from "./table.ts";

type Status = MethodResult<"daemon.status">;
type Running = Status["running"][number];
type Waiting = Status["waiting"][number];

const budgetCells = 30;
const runCells = 10;

/** The status at a glance: the box, what runs, what waits and why, what ended last. */
export function statusView(status: Status, style: Style): string {
  const parts = [
    header(status, style),
    buildLine(status, style),
    holdLine(status, style),
    ...status.health.map(({ part, problem }) =>
      paint(style, "red", prose(style, `${part}: ${problem}`)),
    ),
  ].filter((part) => part !== "");
  const { queued, running, ended } = status.counts;
  const sections = [
    parts.join("\n"),
    running === 0 ? "" : section(style, `Running ${running}`, runningTable(status.running, style)),
    queued === 0 ? "" : section(style, `Waiting ${queued}`, waitingPart(status, style)),
    ended === 0 ? "" : section(style, "Ended last", recentTable(status.recent, style)),
    queued + running + ended === 0
      ? "Nothing has run yet. Queue a command with `blutctl submit -- COMMAND`."
      : "",
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

function header(status: Status, style: Style): string {
  const { memory, cpus, gpus } = status;
  const drawn = bar(
    style,
    { used: memory.usedBytes, held: memory.reservedBytes, total: memory.budgetBytes },
    budgetCells,
  );
  const free = Math.max(0, memory.budgetBytes - memory.reservedBytes);
  const pools = status.pools.map(({ name, used, total }) => `${name} ${used}/${total}`).join(", ");
  const pressure = memory.pressureFullAvg10;
  return facts(style, [
    ["blutd", `${stampText(status)}, up ${formatDuration(style.now - status.startedAt)}`],
    [
      "budget",
      { drawn: `${drawn} ${formatBytes(free)} free of ${formatBytes(memory.budgetBytes)}` },
    ],
    [
      "",
      `${formatBytes(memory.usedBytes)} in use, ${formatBytes(memory.reservedBytes)} reserved by limits`,
    ],
    [
      "box",
      `${formatBytes(memory.availableBytes)} available of ${formatBytes(memory.totalBytes)}, ` +
        `${formatBytes(memory.reserveBytes)} kept free` +
        (pressure === undefined || pressure < 1
          ? ""
          : `, memory pressure ${pressure.toFixed(0)} %`),
    ],
    ["cpus", `${cpus.reserved} of ${cpus.total} claimed`],
    ...gpus.map((gpu): [string, string] => [`gpu ${gpu.index}`, gpuWords(gpu)]),
    ["pools", pools],
    ["schedules", schedulesText(status.schedules, style)],
    ["held by", status.containmentSentence],
  ]);
}

function gpuWords({ name, budgetBytes, usedBytes, holders }: Status["gpus"][number]): string {
  const claimed = `${formatBytes(usedBytes)} of ${formatBytes(budgetBytes)} claimed`;
  return holders === 0 ? `${name}, ${formatBytes(budgetBytes)} free` : `${name}, ${claimed}`;
}

/** Files that were replaced under a running daemon. */
function buildLine({ onDisk, restart }: Status, style: Style): string {
  if (onDisk === undefined) return "";
  const text = `Its files are ${stampText(onDisk)} now. To take them up: ${restart}; what runs goes on.`;
  return paint(style, "yellow", prose(style, text));
}

/** What the clock will start next, and what keeps others from it; empty where there are none. */
function schedulesText(schedules: Status["schedules"], style: Style): string {
  const { on, off, paused, broken, next } = schedules;
  const count = (many: number, word: string): string[] => (many === 0 ? [] : [`${many} ${word}`]);
  return [
    ...count(on, "on"),
    ...count(paused, "paused after failures"),
    ...count(off, "off"),
    ...count(broken, "with a broken file"),
    ...(next === undefined ? [] : [`next ${next.name} in ${formatDuration(next.at - style.now)}`]),
  ].join(", ");
}

function holdLine({ hold }: Status, style: Style): string {
  if (hold === undefined) return "";
  const word = hold.mode === "pause" ? "PAUSED" : "DRAINING";
  const why = hold.reason === "" ? "" : `: ${hold.reason}`;
  const until = hold.until === undefined ? "" : ` until ${formatInstant(hold.until, style.now)}`;
  const text = `${word} since ${formatInstant(hold.since, style.now)}${until}${why}`;
  const remedy = "Start work again with `blutctl resume`.";
  return `${paint(style, ["bold", "yellow"], prose(style, text))}\n${remedy}`;
}

function section(style: Style, title: string, body: string): string {
  return `${heading(style, title)}\n${body}`;
}

const identity: readonly Column<Running>[] = [
  { title: "ID", cell: (run) => run.id },
  { title: "NAME", cell: (run) => run.name, shrinksTo: 8 },
];

function runningTable(runs: readonly Running[], style: Style): string {
  return table(
    style,
    [
      ...identity,
      { title: "TIME", cell: (run) => runTime(run, style.now), align: "right" },
      {
        title: "TRY",
        cell: (run) => (run.attempts > 1 ? String(run.attempts) : ""),
        align: "right",
      },
      {
        title: "MEMORY",
        cell: (run) => (run.limitBytes === undefined ? "" : " ".repeat(runCells + 2)),
        color: (s, text, run) =>
          run.limitBytes === undefined ? text : runBar(s, run, text.length),
      },
      { title: "USED/LIMIT", cell: usedOfLimit, align: "right" },
      { title: "COMMAND", cell: (run) => run.command, shrinksTo: 8 },
    ],
    runs,
  );
}

function runBar(style: Style, run: Running, cells: number): string {
  const value = { used: run.usedBytes ?? 0, total: run.limitBytes ?? 1 };
  return bar(style, value, style.unicode ? cells : cells - 2);
}

function usedOfLimit(run: Running): string {
  if (run.limitBytes === undefined) return "";
  const used = run.usedBytes === undefined ? "?" : formatBytesShort(run.usedBytes);
  return `${used}/${formatBytesShort(run.limitBytes)}`;
}

function waitingPart({ waiting, counts }: Status, style: Style): string {
  const drawn = table<Waiting>(
    style,
    [
      ...identity,
      { title: "WAITED", cell: (run) => formatDuration(style.now - run.createdAt), align: "right" },
      {
        title: "PRIO",
        cell: (run) => (run.priority === 0 ? "" : String(run.priority)),
        align: "right",
      },
      {
        title: "WHY",
        cell: (run) => run.wait?.reason ?? "",
        color: (s, text) => paint(s, "yellow", text),
      },
      { title: "COMMAND", cell: (run) => run.command, shrinksTo: 8 },
    ],
    waiting,
  );
  const more = counts.queued - waiting.length;
  const head = waiting[0]?.wait;
  return [
    drawn,
    more > 0 ? `and ${more} more: blutctl runs --state queued` : "",
    head === undefined ? "" : prose(style, `First in line: ${head.message}.`),
    head === undefined ? "" : prose(style, `What helps: ${head.unblocks}`),
  ]
    .filter((line) => line !== "")
    .join("\n");
}

function recentTable(runs: readonly Running[], style: Style): string {
  return table(
    style,
    [
      ...identity,
      {
        title: "STATE",
        cell: (run) => run.state,
        color: (s, text, run) => paintState(s, text, run.state),
      },
      { title: "TIME", cell: (run) => runTime(run, style.now), align: "right" },
      {
        title: "AGO",
        cell: (run) => (run.endedAt === undefined ? "" : formatDuration(style.now - run.endedAt)),
        align: "right",
      },
      { title: "END", cell: endWord, shrinksTo: 13 },
    ],
    runs,
  );
}
