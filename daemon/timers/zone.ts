/** A stretch of time in which a zone's clocks stay the same, from `fromAt` up to but without `untilAt`. */
export interface ZoneSpan {
  readonly fromAt: number;
  readonly untilAt: number;
  readonly offsetMs: number;
  /** The offset before it; the same as its own where a year begins. */
  readonly beforeMs: number;
}

const dayMs = 86_400_000;
const secondMs = 1000;

/** A time zone's offsets, found out of Intl a year at a time and kept. */
export class Zone {
  static readonly #known = new Map<string, Zone>();

  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #years = new Map<number, readonly ZoneSpan[]>();

  private constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  }

  /** Undefined when no such zone is known. */
  static named(name: string): Zone | undefined {
    const known = Zone.#known.get(name);
    if (known !== undefined) return known;
    try {
      const zone = new Zone(name);
      Zone.#known.set(name, zone);
      return zone;
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** Local time minus UTC at an instant. */
  offsetAt(at: number): number {
    const [, sign, hours, minutes = "0", seconds = "0"] =
      /GMT([+-])(\d+):?(\d+)?:?(\d+)?/.exec(this.#format.format(at)) ?? [];
    if (hours === undefined) return 0;
    const length = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
    return (sign === "-" ? -length : length) * secondMs;
  }

  /** The spans of one year of UTC, in order and without a gap. */
  spansOf(year: number): readonly ZoneSpan[] {
    const known = this.#years.get(year);
    if (known !== undefined) return known;
    const spans = this.#spansBetween(Date.UTC(year, 0), Date.UTC(year + 1, 0));
    this.#years.set(year, spans);
    return spans;
  }

  /** Looks once a day: no zone changes twice in one. */
  #spansBetween(fromAt: number, endAt: number): ZoneSpan[] {
    const spans: ZoneSpan[] = [];
    let start = fromAt;
    let offset = this.offsetAt(fromAt);
    let before = this.offsetAt(fromAt - secondMs);
    for (let at = fromAt; at < endAt; at += dayMs) {
      const next = Math.min(at + dayMs, endAt - secondMs);
      const later = this.offsetAt(next);
      if (later === offset) continue;
      const change = this.#changeBetween(at, next);
      spans.push({ fromAt: start, untilAt: change, offsetMs: offset, beforeMs: before });
      [start, before, offset] = [change, offset, later];
    }
    spans.push({ fromAt: start, untilAt: endAt, offsetMs: offset, beforeMs: before });
    return spans;
  }

  /** The first second with the offset of `end`. */
  #changeBetween(begin: number, end: number): number {
    const old = this.offsetAt(begin);
    let [low, high] = [begin, end];
    while (high - low > secondMs) {
      const middle = low + Math.floor((high - low) / 2 / secondMs) * secondMs;
      if (this.offsetAt(middle) === old) low = middle;
      else high = middle;
    }
    return high;
  }
}
