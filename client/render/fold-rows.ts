import type { MethodResult } from "../../daemon/protocol/methods.ts";

type Row = MethodResult<"lineage.trace">["rows"][number];

/** A row of the tree, and how many rows it stands for. */
export interface FoldedRow extends Row {
  readonly times: number;
}

/**
 * Siblings that say nothing but the same `(shown above)` become one: a file that a hundred runs read has a
 * hundred of them.
 */
export function foldRows(rows: readonly Row[]): FoldedRow[] {
  const folded: FoldedRow[] = [];
  // Places of the rows that may stand for more, by what they say; those of other parents are forgotten.
  const seen: Map<string, number>[] = [];
  for (const row of rows) {
    seen.length = Math.min(seen.length, row.depth + 1);
    const said = (seen[row.depth] ??= new Map<string, number>());
    const words = `${row.input ?? ""} ${row.artifact ?? ""}`;
    const place = row.isSeen ? said.get(words) : undefined;
    const same = place === undefined ? undefined : folded[place];
    if (place !== undefined && same !== undefined) {
      folded[place] = { ...same, times: same.times + 1 };
      continue;
    }
    if (row.isSeen) said.set(words, folded.length);
    folded.push({ ...row, times: 1 });
  }
  return withLast(folded);
}

/** The last of its parent may have been folded away. */
function withLast(rows: readonly FoldedRow[]): FoldedRow[] {
  let followed: boolean[] = [];
  return rows
    .toReversed()
    .map((row) => {
      const isLast = followed[row.depth] !== true;
      followed = followed.slice(0, row.depth);
      followed[row.depth] = true;
      return { ...row, isLast };
    })
    .reverse();
}
