import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AttemptId } from "../../../daemon/domain/ids.ts";
import {
  parseUnitName,
  scopeName,
  sliceName,
  unitPath,
} from "../../../daemon/systemd/unit-name.ts";

const attemptIds = fc
  .stringMatching(/^[0-9a-hjkmnp-tv-z]{12}$/)
  .map((body) => `att_${body}` as AttemptId);

describe("unit names", () => {
  test("every attempt has a scope and a slice of its own, and both read back", () => {
    fc.assert(
      fc.property(attemptIds, (attemptId) => {
        expect(parseUnitName(scopeName(attemptId))).toEqual({ attemptId, kind: "scope" });
        expect(parseUnitName(sliceName(attemptId))).toEqual({ attemptId, kind: "slice" });
      }),
    );
  });

  test("security 5: nothing but an attempt id of ours ever becomes a unit name", () => {
    for (const text of [
      "",
      "att_",
      "att_0123-456789",
      "att_0123456789ab.scope",
      "../x",
      "att_0123456789aB",
    ])
      expect(() => scopeName(text as AttemptId)).toThrow(TypeError);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => sliceName(text as AttemptId)).toThrow(TypeError);
      }),
    );
  });

  test("other people's units are not taken for ours", () => {
    for (const name of [
      "blut.slice",
      "blut-att_0123456789ab.service",
      "blut-att_0123456789ab-x.slice",
      "xblut-att_0123456789ab.scope",
      "blut-att_0123456789ab.scope\n",
      "blut-run_0123456789ab.scope",
    ])
      expect(parseUnitName(name)).toBeUndefined();
  });

  test.each([
    ["blut.slice", "blut_2eslice"],
    ["blut-att_0123456789ab.scope", "blut_2datt_5f0123456789ab_2escope"],
    ["0.scope", "_30_2escope"],
    ["ü.scope", "_c3_bc_2escope"],
  ])("%s has the object path that systemd gives it", (name, element) => {
    expect(unitPath(name)).toBe(`/org/freedesktop/systemd1/unit/${element}`);
  });
});
