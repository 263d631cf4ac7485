import { formatBytes } from "../bytes.ts";
import { formatDuration } from "../duration.ts";
import type { Fact } from "../prose.ts";
import { byteHours, plural, reasonWords, type Report } from "./words.ts";

/** Something a report says and what about, on a terminal and on a page alike; without words it says nothing. */
export type Phrase = readonly [label: string, words: string];

/** Phrases as a terminal shows them under a heading. */
export function indented(phrases: readonly Phrase[]): Fact[] {
  return phrases.map(([label, words]) => [`  ${label}`, words]);
}

/** Shorter waits are no news. */
const shortMs = 60_000;
/** Nor is less than a GiB that was held for an hour. */
const littleByteSeconds = 3600 * 1024 ** 3;

/** How long runs waited for their first attempt, and what the longest waited for. */
export function waitPhrases({ waits }: Report): Phrase[] {
  if (waits === undefined || waits.p95Ms < shortMs) return [];
  const { medianMs, p95Ms, longest } = waits;
  const why = longest.why === undefined ? "" : `, mostly because ${reasonWords[longest.why]}`;
  const length = formatDuration(longest.until - longest.from);
  return [
    ["median", `${formatDuration(medianMs)}; 95 % waited at most ${formatDuration(p95Ms)}`],
    ["longest", `${longest.name}: ${length}${why} (${longest.runId})`],
  ];
}

/** What limits cost: kills, and memory that was held in vain. */
export function costPhrases({ memory }: Report): Phrase[] {
  const { kills, killedRuns, killedMs, wasted } = memory;
  const [most] = wasted;
  return [
    [
      "killed",
      kills === 0
        ? ""
        : `${plural(kills, "attempt")} of ${plural(killedRuns, "run")} at their own limits, ${formatDuration(killedMs)} lost`,
    ],
    [
      "idle most",
      most === undefined || most.byteSeconds < littleByteSeconds
        ? ""
        : `${most.name} held ${byteHours(most.byteSeconds)} that it did not need: limit ${formatBytes(most.limitBytes)} (${most.origin}), peak ${formatBytes(most.peakNeedBytes)}`,
    ],
  ];
}

/** What others did to attempts when the box ran out. */
export function outsidePhrase({ box: { killedFromOutside } }: Report): Phrase {
  const words = `${plural(killedFromOutside, "attempt")} from outside, for want of memory`;
  return ["killed", killedFromOutside === 0 ? "" : words];
}

/** Steps whose results were there. */
export function reusedWords({ cache }: Report): string {
  if (cache.hits === 0) return "";
  const steps = cache.hits === 1 ? "One step was" : `${cache.hits} steps were`;
  return `${steps} there already, which saved ${formatDuration(cache.savedMs)} of work.`;
}

/** Starts of the daemon that nobody asked for. */
export function startWords({ daemon: { starts, reboots, deaths } }: Report): string {
  if (starts === 0) return "";
  const words = [
    `started ${starts === 1 ? "once" : `${starts} times`}`,
    ...(reboots === 0 ? [] : [`${reboots} of them after a restart of the machine`]),
    ...(deaths === 0 ? [] : [`${deaths} after it had been killed or had died`]),
  ];
  return words.join(", ");
}

/** What the state takes of its disk. */
export function diskPhrases({ disk }: Report): Phrase[] {
  const { databaseBytes, logBytes, artifactBytes, freeBytes, totalBytes, collected } = disk;
  return [
    ["database", formatBytes(databaseBytes)],
    ["logs", logBytes === 0 ? "" : formatBytes(logBytes)],
    ["artifacts", artifactBytes === 0 ? "" : formatBytes(artifactBytes)],
    ["free", `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)}`],
    ["collected", collectedWords(collected)],
  ];
}

function collectedWords({ runs, logs, freedBytes }: Report["disk"]["collected"]): string {
  if (freedBytes + runs + logs === 0) return "";
  const what = [
    ...(runs === 0 ? [] : [plural(runs, "run")]),
    ...(logs === 0 ? [] : [`the logs of ${plural(logs, "run")}${runs === 0 ? "" : " more"}`]),
  ];
  return [...what, formatBytes(freedBytes)].join(", ");
}
