/** One of the two streams of the program. */
export interface Sink {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(data: string | Uint8Array): unknown;
}
