import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytes, formatBytesShort } from "./bytes.ts";
import { formatDuration } from "./duration.ts";
import { prose } from "./prose.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

type Collected = MethodResult<"retention.collect">;
type Item = Collected["items"][number];

/** What went or would go and why, and what stays though it might have gone. */
export function collectedTable(collected: Collected, style: Style): string {
  const { items, kept, runs, logs, clockLeptMs } = collected;
  const parts = [prose(style, summaryOf(collected))];
  if (items.length > 0) parts.push("", itemTable(items, style));
  const more = runs + logs - items.length;
  if (more > 0) parts.push(`and ${more} more`);
  if (clockLeptMs !== undefined) parts.push("", prose(style, leapSentence(clockLeptMs)));
  if (kept.length > 0) parts.push("", ...kept.map((one) => prose(style, keptSentence(one))));
  return parts.join("\n");
}

/** Which runs are pinned now, or not any more. */
export function pinnedLines({ pinned, runs }: MethodResult<"run.pin">): string {
  const how = pinned
    ? "is pinned: it stays, with its logs and the artifacts it made"
    : "is not pinned: it goes when its time comes";
  return runs.map((id) => `${id} ${how}`).join("\n");
}

function summaryOf({ dryRun, freedBytes, left, ...gone }: Collected): string {
  const parts = [
    gone.runs === 0 ? "" : some(gone.runs, "run"),
    gone.logs === 0 ? "" : `the logs of ${some(gone.logs, "run")} more`,
    gone.events === 0 ? "" : some(gone.events, "event"),
    gone.artifacts === 0 ? "" : some(gone.artifacts, "artifact"),
  ].filter((part) => part !== "");
  const is = dryRun ? "would be left" : "left";
  const rest = `${some(left.runs, "ended run")} ${is}, ${formatBytes(left.bytes)}.`;
  if (parts.length === 0) return `Nothing to collect: ${rest}`;
  const goes = dryRun ? "Would collect" : "Collected";
  return `${goes} ${parts.join(", ")}: ${formatBytes(freedBytes)}. ${rest}`;
}

function leapSentence(ms: number): string {
  return `The clock has just gone ahead by ${formatDuration(ms)}. Ages are counted without that until it has stood for three hours; --keep and --max-size do not ask the clock.`;
}

function itemTable(items: readonly Item[], style: Style): string {
  return table<Item>(
    style,
    [
      { title: "RUN", cell: ({ id }) => id },
      { title: "NAME", cell: ({ name }) => name, shrinksTo: 8 },
      { title: "ENDED", cell: ({ endedAt }) => `${formatDuration(style.now - endedAt)} ago` },
      { title: "GOES", cell: ({ what }) => (what === "run" ? "all of it" : "its logs") },
      { title: "BECAUSE", cell: ({ because }) => reasons[because] },
      { title: "SIZE", cell: ({ bytes }) => formatBytesShort(bytes), align: "right" },
    ],
    items,
  );
}

const reasons: Readonly<Record<Item["because"], string>> = {
  age: "too old",
  count: "too many",
  size: "too large",
};

const keeps: Readonly<Record<Collected["kept"][number]["because"], string>> = {
  pinned: "pinned",
  needed: "needed by a run that has not ended",
  retried: "the original of a retry that has not ended",
  schedule: "waited for by a schedule",
  "just-ended": "over for less than a minute",
  last: "among the newest of a name",
};

function keptSentence({ because, runs, examples }: Collected["kept"][number]): string {
  const more = runs > examples.length ? ` and ${runs - examples.length} more` : "";
  const verb = runs === 1 ? "stays" : "stay";
  return `${some(runs, "run")} ${verb}, ${keeps[because]}: ${examples.join(", ")}${more}`;
}

function some(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
