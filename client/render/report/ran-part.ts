import { formatBytesShort } from "../bytes.ts";
import { formatDuration } from "../duration.ts";
import { paint, type Style } from "../style.ts";
import { table } from "../table.ts";
import { reusedWords } from "./phrases.ts";
import { plural, type Report } from "./words.ts";

type Name = Report["names"][number];

/** What ran, by name: how often it ended in which way, and what it took. */
export function ranPart(report: Report, style: Style): string {
  const { names, moreNames } = report;
  if (names.length === 0) return "";
  const count = (value: number): string => (value === 0 ? "" : String(value));
  const drawn = table<Name>(
    style,
    [
      { title: "  NAME", cell: ({ name }) => `  ${name}`, shrinksTo: 10 },
      { title: "WELL", cell: ({ succeeded }) => count(succeeded), align: "right" },
      {
        title: "FAILED",
        cell: ({ failed }) => count(failed),
        color: (s, text) => paint(s, "red", text),
        align: "right",
      },
      { title: "CANCELLED", cell: ({ cancelled }) => count(cancelled), align: "right" },
      { title: "TIME", cell: ({ tookMs }) => formatDuration(tookMs), align: "right" },
      {
        title: "PEAK",
        cell: ({ peakNeedBytes: peak }) => (peak === undefined ? "" : formatBytesShort(peak)),
        align: "right",
      },
      { title: "FROM", cell: originOf, shrinksTo: 8 },
    ],
    names,
  );
  const reused = reusedWords(report);
  return [
    drawn,
    ...(moreNames === 0 ? [] : [`  and ${plural(moreNames, "more name")}`]),
    ...(reused === "" ? [] : [`  ${reused}`]),
  ].join("\n");
}

function originOf({ schedule, recipe }: Name): string {
  const words = [schedule && `schedule ${schedule}`, recipe && `recipe ${recipe}`];
  return words.filter((word) => word !== undefined).join(", ");
}
