/** How a number that JSON has no word for goes between the daemon and the process of a cookbook. */
interface OddNumber {
  readonly "~number": string;
}

/** A value as text. NaN and the infinities stay what they are, where JSON itself makes null of them. */
export function toText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "number" && !Number.isFinite(inner)
      ? ({ "~number": String(inner) } satisfies OddNumber)
      : inner,
  );
}

/** The value of such a text. Throws a SyntaxError when it is none. */
export function fromText(text: string): unknown {
  // Looking at every value of a long answer takes several times as long as parsing it.
  return text.includes('"~number"') ? JSON.parse(text, restored) : JSON.parse(text);
}

function restored(_key: string, value: unknown): unknown {
  return isOddNumber(value) ? Number(value["~number"]) : value;
}

function isOddNumber(value: unknown): value is OddNumber {
  return typeof value === "object" && value !== null && "~number" in value;
}
