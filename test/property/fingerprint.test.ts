import fc from "fast-check";
import { expect, it } from "vitest";
import type { ArgumentValue } from "../../daemon/domain/argument.ts";
import { fingerprintOf, type Configuration } from "../../daemon/planning/arguments/fingerprint.ts";

/** Texts that are told apart only with care: names of numbers, marks, look-alikes, lone surrogates. */
const treacherous = fc.constantFrom(
  "NaN",
  "Infinity",
  "-Infinity",
  "=NaN",
  "==NaN",
  "=Infinity",
  "nan",
  "",
  "0",
  "-0",
  "1",
  "1.0",
  "true",
  "null",
  "\u00e9",
  "e\u0301",
  "\ud800",
  "\ufffd",
  "__proto__",
  "constructor",
);
const numbers = fc.oneof(
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1, 1e21, 5e-324, 2 ** 53),
  fc.double(),
  fc.integer(),
);
const text = fc.oneof(treacherous, fc.string({ unit: "binary" }));
const value: fc.Arbitrary<ArgumentValue> = fc.oneof(text, numbers, fc.boolean());
const configuration = fc
  .uniqueArray(fc.tuple(fc.oneof(treacherous, fc.string()), value), { selector: ([key]) => key })
  .map((entries): Configuration => Object.fromEntries(entries));

/** Told apart by what a program would be given; 0 and -0 are one number. */
const isSame = (a: ArgumentValue | undefined, b: ArgumentValue | undefined): boolean =>
  Object.is(a, b) || (a === 0 && b === 0);

function areSame(a: Configuration, b: Configuration): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every(
    (key) => Object.hasOwn(a, key) && Object.hasOwn(b, key) && isSame(a[key], b[key]),
  );
}

it("two configurations share a fingerprint exactly when they are the same", () => {
  fc.assert(
    fc.property(configuration, configuration, (a, b) => {
      expect(fingerprintOf([a]) === fingerprintOf([b])).toBe(areSame(a, b));
    }),
    { numRuns: 2000 },
  );
});

it("a single value that differs makes another fingerprint, however alike the two look", () => {
  fc.assert(
    fc.property(configuration, fc.string(), value, value, (rest, key, a, b) => {
      const [one, other] = [
        { ...rest, [key]: a },
        { ...rest, [key]: b },
      ];
      expect(fingerprintOf([one]) === fingerprintOf([other])).toBe(isSame(a, b));
    }),
    { numRuns: 5000 },
  );
});

it("the order of keys never matters, that of points does", () => {
  fc.assert(
    fc.property(configuration, configuration, (a, b) => {
      const turned = Object.fromEntries(Object.entries(a).reverse());
      expect(fingerprintOf([turned])).toBe(fingerprintOf([a]));
      expect(fingerprintOf([a, b]) === fingerprintOf([b, a])).toBe(areSame(a, b));
    }),
  );
});
