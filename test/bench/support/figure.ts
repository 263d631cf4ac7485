/** What a figure is held to: its value or its ratio to the peer, at most or at least so much. */
export interface Target {
  readonly of: "value" | "ratio";
  readonly is: "at most" | "at least";
  readonly bound: number;
}

/** One line of the table. `value` is the median where there were several samples. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
  readonly p99?: number;
  /** What it is compared with, measured in the same run, turn by turn with ours. */
  readonly peer?: { readonly what: string; readonly value: number; readonly p99?: number };
  /** Ours over the peer's: the median of the rounds' ratios, so that a busy minute hits both. */
  readonly ratio?: number;
  /** Absent: told because it explains another figure. */
  readonly target?: Target;
}

/** Whether the figure is what it has to be; undefined when nothing is asked of it. */
export function isReached({ target, value, ratio }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  const held = target.of === "value" ? value : ratio;
  if (held === undefined) return false;
  return target.is === "at most" ? held <= target.bound : held >= target.bound;
}

/** How a program of a figure gives what it measured to the runner: one JSON value on stdout. */
export function report(...figures: readonly Figure[]): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

/** A word about how far it is, for whoever watches. */
export function say(text: string): void {
  process.stderr.write(`  ${text}\n`);
}
