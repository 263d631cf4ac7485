import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatDuration, formatInstant } from "./duration.ts";
import { prose } from "./prose.ts";
import { paint, type Style } from "./style.ts";
import { table } from "./table.ts";

type List = MethodResult<"notify.list">;
type Notice = List["notices"][number];
type Outcome = Notice["outcomes"][number];

const noWay =
  "Nobody is told: set command, webhook or desktop in [notify] of blut.toml, and reload.";

/** What came of a test, a way a line. */
export function testedTable({ outcomes }: MethodResult<"notify.test">, style: Style): string {
  if (outcomes.length === 0) return noWay;
  return table<Outcome>(
    style,
    [
      { title: "WAY", cell: ({ way }) => way },
      { title: "RESULT", cell: ({ result }) => result, color: paintResult },
      { title: "WHY", cell: ({ because = "" }) => because, shrinksTo: 20, wraps: true },
    ],
    outcomes,
  );
}

/** The ways with how they stand, and what was told, newest first. */
export function noticeTable({ ways, notices }: List, style: Style): string {
  const standing = ways.length === 0 ? [noWay] : ways.map((way) => wayLine(way, style));
  if (notices.length === 0) return [...standing, "Nothing had to be told yet."].join("\n");
  const rows = table<Notice>(
    style,
    [
      { title: "WHEN", cell: ({ openedAt }) => formatInstant(openedAt, style.now) },
      { title: "CAME OF IT", cell: outcomeWords },
      { title: "NOTICE", cell: noticeWords, shrinksTo: 20, wraps: true },
    ],
    notices,
  );
  return [...standing, "", rows].join("\n");
}

function wayLine({ way, failures, since, because }: List["ways"][number], style: Style): string {
  if (failures === 0) return `${way}: ${paint(style, "green", "no failure")}`;
  const times = failures === 1 ? "has failed" : `has failed ${failures} times in a row`;
  const length =
    since === undefined ? "" : ` for ${formatDuration(Math.max(1, style.now - since))}`;
  return paint(style, "red", prose(style, `${way}: ${times}${length}: ${because ?? ""}`));
}

/** Of one thing, what it is; of many, how many there were. The sender is this box. */
function noticeWords({ title, text }: Notice): string {
  const [, what = title] = /^blut on .*?: (.*)$/.exec(title) ?? [];
  const lines = text.split("\n");
  if (lines.length > 1 || text === "") return what;
  // `enc failed` and `failed: ...` say one thing twice.
  const last = `${what.split(" ").at(-1) ?? ""}: `;
  return `${what}: ${text.startsWith(last) ? text.slice(last.length) : text}`;
}

function outcomeWords({ state, outcomes }: Notice): string {
  if (state === "open") return "waits";
  if (state === "due") return "on its way";
  if (outcomes.length === 0) return "nobody to tell";
  return outcomes
    .map(({ way, result }) => (result === "sent" ? way : `${way} ${result}`))
    .join(", ");
}

function paintResult(style: Style, text: string, { result }: Outcome): string {
  return paint(style, result === "sent" ? "green" : result === "failed" ? "red" : "dim", text);
}
