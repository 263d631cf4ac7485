import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytesShort } from "./bytes.ts";
import { formatDuration } from "./duration.ts";
import { outcomeWords } from "./outcome.ts";
import { heading } from "./prose.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

type Attempt = MethodResult<"run.get">["history"][number];

/** Attempts, oldest first; with `steps` each says whose it was. */
export function attemptTable(
  history: readonly Attempt[],
  style: Style,
  { steps }: { readonly steps: boolean },
): string {
  const drawn = table(
    style,
    [
      { title: "TRY", cell: (attempt) => String(attempt.number), align: "right" },
      { title: "STEP", cell: ({ step }) => (steps ? step : ""), shrinksTo: 8 },
      { title: "LIMIT", cell: (attempt) => formatBytesShort(attempt.limitBytes), align: "right" },
      { title: "PEAK", cell: peak, align: "right" },
      { title: "CACHED", cell: cached, align: "right" },
      { title: "TIME", cell: (attempt) => attemptTime(attempt, style.now), align: "right" },
      { title: "CPU", cell: cpu, align: "right" },
      { title: "HOW IT ENDED", cell: ending, shrinksTo: 20, wraps: true },
    ],
    history,
  );
  return `${heading(style, history.length === 1 ? "Attempt" : "Attempts")}\n${drawn}`;
}

/** A peak that was held down by the limit says "at least". */
function peak({ peakNeedBytes, rodeLimit }: Attempt): string {
  if (peakNeedBytes === undefined) return "";
  return `${rodeLimit ? ">=" : ""}${formatBytesShort(peakNeedBytes)}`;
}

/** What the kernel counted on top of the need: page cache. */
function cached({ peakTotalBytes, peakNeedBytes }: Attempt): string {
  if (peakTotalBytes === undefined || peakNeedBytes === undefined) return "";
  return formatBytesShort(Math.max(0, peakTotalBytes - peakNeedBytes));
}

function attemptTime({ startedAt, endedAt }: Attempt, now: number): string {
  return startedAt === undefined ? "" : formatDuration((endedAt ?? now) - startedAt);
}

function cpu({ cpuUsageUsec }: Attempt): string {
  return cpuUsageUsec === undefined ? "" : formatDuration(cpuUsageUsec / 1000);
}

function ending({ outcome, state, leftovers }: Attempt): string {
  if (outcome === undefined) return state;
  const left = leftovers === 0 ? "" : `; ${leftovers} processes left behind were killed`;
  return outcomeWords(outcome) + left;
}
