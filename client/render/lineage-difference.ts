import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytesShort } from "./bytes.ts";
import { formatDuration } from "./duration.ts";
import { heading } from "./prose.ts";
import { escapeText } from "./escape.ts";
import { paint, type Style } from "./style.ts";
import { table } from "./table.ts";

type Compared = MethodResult<"lineage.diff">;
type Difference = Compared["steps"][number];
type Change = Difference["changes"][number];

/** Only what differs between two runs, a table for each step. */
export function lineageDifference(compared: Compared, style: Style): string {
  const { from, to, steps, same, more } = compared;
  if (steps.length === 0) return `Nothing differs in ${plural(same, "step")}.`;
  const safe = (text: string): string => escapeText(text, style.unicode);
  const parts = [
    `${safe(from.id)} (${safe(from.name)}) against ${safe(to.id)} (${safe(to.name)})`,
    ...steps.map((step) => part(step, compared, style)),
    [
      same === 0 ? "" : `${plural(same, "step")} the same.`,
      more ? "There are more that differ: raise --limit." : "",
    ]
      .filter((text) => text !== "")
      .join(" "),
  ];
  return parts.filter((text) => text !== "").join("\n\n");
}

function part({ step, only, changes }: Difference, compared: Compared, style: Style): string {
  const title = heading(style, escapeText(step, style.unicode));
  if (only !== undefined) return `${title} only in ${compared[only].id}`;
  const drawn = table<Change>(
    style,
    [
      { title: "FACET", cell: ({ facet }) => facet },
      { title: "WHAT", cell: ({ name }) => name, shrinksTo: 10 },
      {
        title: "FROM",
        cell: (change) => valueWords(change, change.from),
        shrinksTo: 10,
        color: (s, text) => paint(s, "red", text),
      },
      {
        title: "TO",
        cell: (change) => valueWords(change, change.to),
        shrinksTo: 10,
        color: (s, text) => paint(s, "green", text),
      },
    ],
    changes,
  );
  return `${title}\n${drawn}`;
}

const digest = /^[0-9a-f]{40,64}$/;

function valueWords({ facet, name }: Change, value: Change["from"]): string {
  if (value === undefined) return "-";
  if (typeof value === "string") return digest.test(value) ? value.slice(0, 12) : value;
  if (typeof value === "number") {
    if (facet === "memory" || (facet === "host" && name === "memory")) {
      return formatBytesShort(value);
    }
    if (facet === "time" && name !== "attempts") return formatDuration(value);
  }
  return JSON.stringify(value);
}

function plural(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}
