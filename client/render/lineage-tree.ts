import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { digestDigits } from "./digest.ts";
import { escapeText } from "./escape.ts";
import { foldRows, type FoldedRow } from "./fold-rows.ts";
import { prose } from "./prose.ts";
import { paint, type Style } from "./style.ts";
import { shorten } from "./text-width.ts";

type Traced = MethodResult<"lineage.trace">;
type Git = NonNullable<FoldedRow["by"]>["git"];

/** Deeper branches are not indented any further: the words need the rest of the line. */
const deepest = 8;
const strokes = {
  unicode: { open: "│  ", done: "   ", branch: "├─ ", last: "└─ " },
  ascii: { open: "|  ", done: "   ", branch: "|- ", last: "`- " },
};

/** The tree of what an artifact was made of, or of what was made of it: a line for each row. */
export function lineageTree({ rows: all, direction, more }: Traced, style: Style): string {
  const rows = foldRows(all);
  const usual = rows[0]?.by?.git;
  const lines = branches(rows, style).map((branch, i) => line(rows[i], branch, usual, style));
  const notes = [
    ...(more ? ["There is more: raise --limit."] : []),
    ...(rows.length > 1 ? [] : [alone[direction]]),
  ];
  return [...lines, ...notes.map((note) => prose(style, note))].join("\n");
}

const alone = {
  up: "Nothing that it was made of is on record.",
  down: "Nothing that was made of it is on record.",
};

/** What is drawn before each row; a parent whose last branch was drawn leaves a blank. */
function branches(rows: readonly FoldedRow[], style: Style): string[] {
  const { open, done, branch, last } = style.unicode ? strokes.unicode : strokes.ascii;
  const isOpen: boolean[] = [];
  return rows.map(({ depth, isLast }) => {
    isOpen[depth] = !isLast;
    if (depth === 0) return "";
    const first = Math.max(1, depth - deepest + 1);
    const skipped = first === 1 ? "" : `${depth}: `;
    const lead = isOpen.slice(first, depth).map((each) => (each ? open : done));
    return skipped + lead.join("") + (isLast ? last : branch);
  });
}

function line(row: FoldedRow | undefined, branch: string, usual: Git, style: Style): string {
  if (row === undefined) return "";
  const room = Math.max(20, style.width - branch.length);
  const words = shorten(
    escapeText(wordsOf(row, branch === "" ? undefined : usual), style.unicode),
    room,
    style.unicode,
  );
  const digest = row.artifact?.slice(0, digestDigits);
  const shown =
    digest === undefined ? words : words.replace(digest, paint(style, "yellow", digest));
  return paint(style, "dim", branch) + shown;
}

/** Where a row has no room for more, who made it must be there: `usual`, the top's commit, is not said again. */
function wordsOf(row: FoldedRow, usual: Git): string {
  const { input, artifact, kind, by, path, others, isSeen, times } = row;
  const what = [
    input === undefined ? "" : `${input}:`,
    artifact?.slice(0, digestDigits) ?? "left nothing,",
    kind,
  ];
  const above = times === 1 ? "(shown above)" : `(shown above, ${times} times)`;
  if (isSeen) return [...what, above].filter((word) => word !== "").join(" ");
  return [
    ...what,
    by === undefined ? undefined : `by ${by.step} of ${by.runId}`,
    path === undefined ? undefined : `from ${path}`,
    by === undefined && path === undefined ? "from elsewhere" : undefined,
    by?.cachedFrom === undefined ? undefined : `(reused from ${by.cachedFrom})`,
    others === 0 ? undefined : `(and ${others} ${others === 1 ? "other" : "others"})`,
    commitOf(by?.git) === commitOf(usual) ? undefined : commitOf(by?.git),
  ]
    .filter((word) => word !== undefined && word !== "")
    .join(" ");
}

/** With a plus where files had been changed since. */
function commitOf(git: Git): string | undefined {
  return git === undefined ? undefined : `at ${git.commit.slice(0, 8)}${git.isDirty ? "+" : ""}`;
}
