/** The value below which this share of the samples lies; 0.5 is the median. */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error("no samples");
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Two things measured turn by turn: all samples of each, and the median of the rounds' ratios. */
export interface Duel {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  readonly ratio: number;
}

/** Measures one round; answers its samples. */
type Round = () => Promise<readonly number[]>;

/**
 * Lets the two take turns, so that whatever else the machine does hits both alike. A first round of
 * each is thrown away: caches are cold in it.
 */
export async function duel(rounds: number, ours: Round, theirs: Round): Promise<Duel> {
  await ours();
  await theirs();
  const all = { ours: [] as number[], theirs: [] as number[], ratios: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const mine = await ours();
    const other = await theirs();
    all.ours.push(...mine);
    all.theirs.push(...other);
    all.ratios.push(median(mine) / median(other));
  }
  return { ours: all.ours, theirs: all.theirs, ratio: median(all.ratios) };
}

/** The figures of a duel as a {@link Figure} has them. */
export function duelFigures({ ours, theirs, ratio }: Duel, peer: string) {
  return {
    value: median(ours),
    p99: quantile(ours, 0.99),
    peer: { what: peer, value: median(theirs), p99: quantile(theirs, 0.99) },
    ratio,
  };
}

/** How long it takes, in ms. */
export async function timed(work: () => unknown): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Times something so often, one after the other; ms each. */
export async function timedEach(count: number, work: () => unknown): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < count; i++) samples.push(await timed(work));
  return samples;
}

/** Keeps so many calls of `work` going at once until all are done. */
export async function inFlight(
  atOnce: number,
  total: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < total) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
