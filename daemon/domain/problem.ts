/** One thing that is wrong with a file or a request, and where. */
export interface Problem {
  /** Where in the document: `steps.train.needs`; empty for the whole of it. */
  readonly field: string;
  readonly message: string;
  /** From 1, where the document is text. */
  readonly line?: number;
  readonly column?: number;
}

/** A place in a file as editors read it: `FILE:LINE:COLUMN`, or the file alone. */
export function placeIn(file: string, { line, column = 1 }: Partial<Problem> = {}): string {
  return line === undefined ? file : `${file}:${line}:${column}`;
}

/**
 * Problems in one sentence: the first with its place, unless it is of the whole, and how many more there are,
 * `left` of them not in the list.
 */
export function problemSentence([first, ...others]: readonly Problem[], left = 0): string {
  if (first === undefined) return "";
  const where = first.field === "" ? "" : `${first.field}: `;
  const count = others.length + left;
  return where + first.message + (count === 0 ? "" : `, and ${count} more`);
}
