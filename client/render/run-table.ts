import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytesShort } from "./bytes.ts";
import { formatDuration } from "./duration.ts";
import { endWord, paintState } from "./outcome.ts";
import type { Style } from "./style.ts";
import { table, type Column } from "./table.ts";

type Summary = MethodResult<"run.list">["runs"][number];

/** From here on there is room for the age and the command as well. */
const roomyWidth = 110;

/** The rows of `blutctl runs`; an empty list says what to do next. */
export function runTable(
  { runs, more }: MethodResult<"run.list">,
  style: Style,
  isFiltered = false,
): string {
  const oldest = runs.at(-1);
  if (oldest === undefined) {
    return isFiltered
      ? "No such runs. All of them: blutctl runs"
      : "No runs. Queue one with `blutctl submit -- COMMAND`.";
  }
  const drawn = table(style, columns(style), runs);
  return more ? `${drawn}\nOlder ones: blutctl runs --before ${oldest.id}` : drawn;
}

function columns(style: Style): Column<Summary>[] {
  const roomy = style.width >= roomyWidth;
  return [
    { title: "ID", cell: (run) => run.id },
    { title: "NAME", cell: (run) => run.name, shrinksTo: 8 },
    {
      title: "STATE",
      cell: (run) => run.state,
      color: (s, text, run) => paintState(s, text, run.state),
    },
    {
      title: "AGE",
      cell: (run) => (roomy ? formatDuration(style.now - run.createdAt) : ""),
      align: "right",
    },
    { title: "TIME", cell: (run) => runTime(run, style.now), align: "right" },
    { title: "PEAK/LIMIT", cell: memoryCell, align: "right" },
    {
      title: "TRIES",
      cell: (run) => (run.attempts > 1 ? String(run.attempts) : ""),
      align: "right",
    },
    {
      title: "PRIO",
      cell: (run) => (run.priority === 0 ? "" : String(run.priority)),
      align: "right",
    },
    { title: "END", cell: endWord, shrinksTo: 8 },
    { title: "COMMAND", cell: (run) => (roomy ? run.command : ""), shrinksTo: 12 },
  ];
}

/** How long it ran, or has been running; a queued run has waited so long since it was submitted. */
export function runTime(run: Summary, now: number): string {
  const end = run.endedAt ?? now;
  return formatDuration(end - (run.startedAt ?? run.createdAt));
}

function memoryCell(run: Summary): string {
  if (run.limitBytes === undefined) return "";
  const most = run.peakNeedBytes ?? run.usedBytes;
  const peak = most === undefined ? "?" : formatBytesShort(most);
  return `${peak}/${formatBytesShort(run.limitBytes)}`;
}
