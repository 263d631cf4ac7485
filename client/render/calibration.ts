import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytes, formatBytesShort } from "./bytes.ts";
import { calibrationWords } from "./calibration-words.ts";
import { formatDuration } from "./duration.ts";
import { escapeText } from "./escape.ts";
import { facts } from "./prose.ts";
import { paint, type Style } from "./style.ts";
import { table } from "./table.ts";

type Listed = MethodResult<"calibration.list">;
type Known = Listed["calibrations"][number];

/** Every key with its interval: what it was seen to need, and what was not enough. */
export function calibrationTable({ calibrations, more }: Listed, style: Style): string {
  if (calibrations.length === 0) {
    return "Nothing is known yet: the first run of a command teaches what it needs.";
  }
  const size = (evidence: Known["pinned"]): string =>
    evidence === undefined ? "" : formatBytesShort(evidence.bytes);
  const drawn = table<Known>(
    style,
    [
      { title: "KEY", cell: ({ key }) => key, shrinksTo: 12, losesMiddle: true },
      { title: "PINNED", cell: ({ pinned }) => size(pinned), align: "right" },
      { title: "CLEAN PEAK", cell: ({ cleanPeak }) => size(cleanPeak), align: "right" },
      { title: "KILLED AT", cell: ({ killedAt }) => size(killedAt), align: "right" },
      { title: "RUNS", cell: ({ successes }) => String(successes), align: "right" },
      { title: "KILLS", cell: ({ kills }) => (kills === 0 ? "" : String(kills)), align: "right" },
      {
        title: "SEEN",
        cell: ({ lastSeenAt }) => `${formatDuration(style.now - lastSeenAt)} ago`,
        align: "right",
      },
    ],
    calibrations,
  );
  return more ? `${drawn}\nThere are more: narrow them with a prefix, or raise --limit.` : drawn;
}

/** One key, where its figures are from, and what its next attempt would get. */
export function calibrationCard(known: MethodResult<"calibration.get">, style: Style): string {
  const rejected = known.rejected === 0 ? "" : `, ${known.rejected} measurements refused`;
  return [
    paint(style, "bold", escapeText(known.key, style.unicode)),
    facts(style, [
      ["known", calibrationWords(known)],
      ["from", `${known.successes} successes, ${known.kills} kills${rejected}`],
      ["next", `a limit of ${formatBytes(known.nextLimitBytes)}`],
      ["because", known.sentence],
    ]),
  ].join("\n");
}
