/** One thing that is wrong with a file or a request, and where. */
export interface Problem {
  /** Where in the document: `steps.train.needs`; empty for the whole of it. */
  readonly field: string;
  readonly message: string;
  /** From 1, where the document is text. */
  readonly line?: number;
  readonly column?: number;
}
