import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytesShort } from "./bytes.ts";
import { digestDigits } from "./digest.ts";
import { formatDuration } from "./duration.ts";
import { heading, prose } from "./prose.ts";
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
    ...(["from", "to"] as const).map((side) => onlyIn(side, compared, style)),
    ...steps.filter(({ only }) => only === undefined).map((step) => part(step, style)),
    [
      same === 0 ? "" : `${plural(same, "step")} the same.`,
      more ? "There are more that differ: raise --limit." : "",
    ]
      .filter((text) => text !== "")
      .join(" "),
  ];
  return parts.filter((text) => text !== "").join("\n\n");
}

/** The steps that one of the two does not have. */
function onlyIn(side: "from" | "to", { steps, ...runs }: Compared, style: Style): string {
  const names = steps.filter(({ only }) => only === side).map(({ step }) => step);
  if (names.length === 0) return "";
  const title = `Only in ${runs[side].id}`;
  const words = prose(style, `${title}: ${names.join(", ")}`);
  return heading(style, title) + words.slice(title.length);
}

function part({ step, changes }: Difference, style: Style): string {
  const title = heading(style, escapeText(step, style.unicode));
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
  if (typeof value === "string") return digest.test(value) ? value.slice(0, digestDigits) : value;
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
