import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../daemon/base/canonical-json.ts";
import { digestOf } from "../../../daemon/base/digest.ts";

/** The same value with the keys of every object put in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, reordered(inner)] as const);
  return Object.fromEntries(entries.reverse());
}

describe("canonical JSON", () => {
  it("is the same text for the same value, in whatever order its keys were written", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reordered(value))).toBe(canonicalJson(value));
        expect(digestOf(reordered(value))).toBe(digestOf(value));
      }),
    );
  });

  it("is JSON: reading it gives the value back", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("is the same text only for the same value", () => {
    const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), (a, b) => {
        const isSame = isDeepStrictEqual(asJson(a), asJson(b));
        expect(canonicalJson(a) === canonicalJson(b)).toBe(isSame);
        expect(digestOf(a) === digestOf(b)).toBe(isSame);
      }),
    );
  });

  it("sorts keys by code unit, deep inside too, and keeps the order of lists", () => {
    const value = { b: [{ z: 1, a: 2 }, 3], a: null, B: "ü", "10": 1, "9": 2 };
    expect(canonicalJson(value)).toBe('{"9":2,"10":1,"B":"ü","a":null,"b":[{"a":2,"z":1},3]}');
  });
});

it("a digest is SHA-256 in hex, and stays what it is: the database is keyed by it", () => {
  expect(digestOf({})).toBe("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
});
