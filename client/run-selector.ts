/** A run, perhaps one of its steps, as a person names it. */
export interface RunSelector {
  readonly run: string;
  readonly step?: string;
}

/** What a verb says of the argument that {@link runSelector} reads. */
export const runOrStep = "RUN or RUN/STEP: an id, the beginning of one, `last`, or a name";

/** Takes RUN/STEP apart. */
export function runSelector(text: string): RunSelector {
  const at = text.indexOf("/");
  return at === -1 ? { run: text } : { run: text.slice(0, at), step: text.slice(at + 1) };
}
