import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytes, formatBytesShort } from "./bytes.ts";
import { digestDigits } from "./digest.ts";
import { formatDuration } from "./duration.ts";
import { escapeText } from "./escape.ts";
import { facts } from "./prose.ts";
import { paint, type Style } from "./style.ts";
import { table } from "./table.ts";

type Shown = MethodResult<"artifact.get">;

/** One artifact, what is in it, and which results it is. */
export function artifactCard(artifact: Shown, style: Style): string {
  const { entries, entryCount, results } = artifact;
  const ago = (at: number): string => `${formatDuration(style.now - at)} ago`;
  const card = facts(style, [
    ["holds", contentWords(artifact)],
    ["made", ago(artifact.createdAt)],
    ["used", ago(artifact.lastUsedAt)],
    ["needed by", artifact.neededBy ?? ""],
    ["at", { drawn: escapeText(artifact.path, style.unicode) }],
  ]);
  const rest = entryCount - entries.length;
  return [
    paint(style, "bold", artifact.digest),
    card,
    ...(results.length === 0 ? [] : ["", resultTable(results, style)]),
    ...(entries.length === 0 ? [] : ["", entryTable(entries, style)]),
    ...(rest === 0 ? [] : [`${rest} more: raise --limit.`]),
  ].join("\n");
}

function contentWords({ type, files, bytes }: Shown): string {
  if (type !== "tree") return `a file of ${formatBytes(bytes)}`;
  return `${files} ${files === 1 ? "file" : "files"}, ${formatBytes(bytes)}`;
}

function resultTable(results: Shown["results"], style: Style): string {
  return table<Shown["results"][number]>(
    style,
    [
      { title: "RESULT OF", cell: ({ stepLabel }) => stepLabel, shrinksTo: 12 },
      { title: "KIND", cell: ({ kind }) => kind, shrinksTo: 6 },
      { title: "RUN", cell: ({ runId, step }) => `${runId}/${step}`, shrinksTo: 16 },
      { title: "HITS", cell: ({ hits }) => String(hits), align: "right" },
    ],
    results,
  );
}

function entryTable(entries: Shown["entries"], style: Style): string {
  return table<Shown["entries"][number]>(
    style,
    [
      { title: "NAME", cell: ({ name, type }) => entryName(name, type), shrinksTo: 12 },
      { title: "SIZE", cell: ({ bytes }) => formatBytesShort(bytes), align: "right" },
      {
        title: "FILES",
        cell: ({ type, files }) => (type === "tree" ? String(files) : ""),
        align: "right",
      },
      { title: "DIGEST", cell: ({ digest }) => digest.slice(0, digestDigits) },
    ],
    entries,
  );
}

/** As `ls -F` marks them. */
function entryName(name: string, type: Shown["type"]): string {
  if (type === "tree") return `${name}/`;
  return type === "program" ? `${name}*` : name;
}
