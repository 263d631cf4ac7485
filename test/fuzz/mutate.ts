/** Numbers in [0, below), the same for the same seed: a find can be run again. */
export type Random = (below: number) => number;

/** mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Makes an input of one seed or two: a few bytes flipped, dropped, doubled, put in or spliced. */
export function mutate(
  random: Random,
  seeds: readonly Uint8Array[],
  tokens: readonly string[],
): Uint8Array {
  const pick = (): Uint8Array => seeds[random(seeds.length)] ?? new Uint8Array(0);
  let bytes = Buffer.from(pick());
  for (let left = random(6); left >= 0; left--) {
    const at = random(bytes.length + 1);
    const to = Math.min(bytes.length, at + random(16));
    const parts = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)] as const;
    bytes = Buffer.concat(step(random, parts, tokens, pick));
  }
  return bytes;
}

type Parts = readonly [Buffer, Buffer, Buffer];

function step(
  random: Random,
  [before, middle, after]: Parts,
  tokens: readonly string[],
  pick: () => Uint8Array,
): Uint8Array[] {
  switch (random(6)) {
    case 0:
      return [before, after];
    case 1:
      return [before, middle, middle, after];
    case 2:
      return [before, Buffer.from([random(256)]), middle, after];
    case 3:
      return [before, Buffer.from(tokens[random(tokens.length)] ?? ""), after];
    case 4:
      return [before, middle.map((byte) => byte ^ (1 << random(8))), after];
    default:
      return [before, pick(), after];
  }
}
