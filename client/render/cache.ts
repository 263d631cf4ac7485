import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytes, formatBytesShort } from "./bytes.ts";
import { digestDigits } from "./digest.ts";
import { formatDuration } from "./duration.ts";
import { facts } from "./prose.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

type Pruned = MethodResult<"cache.prune">;
type Verified = MethodResult<"cache.verify">;

/** The cache in figures. */
export function cacheCard(stats: MethodResult<"cache.stats">, style: Style): string {
  const { artifacts, bytes, storedBytes, entries, hits, savedMs } = stats;
  const shared = bytes > storedBytes ? ` (${formatBytes(bytes)} without what they share)` : "";
  return facts(style, [
    ["artifacts", `${artifacts}, ${formatBytes(storedBytes)} on the disk${shared}`],
    ["results", String(entries)],
    ["hits", hits === 0 ? "none yet" : `${hits}, which saved ${formatDuration(savedMs)} of work`],
  ]);
}

/** What went or would go, and what stays. */
export function prunedTable(pruned: Pruned, style: Style): string {
  const { dryRun, removed, artifacts, freedBytes, storedBytes, needed } = pruned;
  const [goes, stay, stays] = dryRun
    ? ["Would remove", "would stay", "would be left"]
    : ["Removed", "stay", "is left"];
  const count = `${removed} ${removed === 1 ? "artifact" : "artifacts"}`;
  const held = needed === 0 ? "" : ` ${needed} ${stay}: a live or pinned run needs them.`;
  const sentence = `${goes} ${count}, ${formatBytes(freedBytes)}; ${formatBytes(storedBytes)} ${stays}.${held}`;
  if (artifacts.length === 0) return sentence;
  const rows = table<Pruned["artifacts"][number]>(
    style,
    [
      { title: "ARTIFACT", cell: ({ digest }) => digest.slice(0, digestDigits) },
      { title: "SIZE", cell: ({ bytes }) => formatBytesShort(bytes), align: "right" },
      { title: "FILES", cell: ({ files }) => String(files), align: "right" },
      {
        title: "USED",
        cell: ({ lastUsedAt }) => `${formatDuration(style.now - lastUsedAt)} ago`,
        align: "right",
      },
    ],
    artifacts,
  );
  return `${rows}\n${sentence}`;
}

/** What was read, and what was not as it was made. */
export function verifiedTable({ artifacts, bytes, rotten }: Verified, style: Style): string {
  const read = `${artifacts} artifacts, ${formatBytes(bytes)} read`;
  if (rotten.length === 0) return `${read}: all as they were made.`;
  const rows = table<Verified["rotten"][number]>(
    style,
    [
      { title: "ARTIFACT", cell: ({ digest }) => digest.slice(0, digestDigits) },
      { title: "WRONG", cell: ({ why }) => why, shrinksTo: 20 },
    ],
    rotten,
  );
  const many = rotten.length === 1 ? "1 is" : `${rotten.length} are`;
  return `${rows}\n${read}: ${many} not as made, and out of the cache; made again when asked for.`;
}
