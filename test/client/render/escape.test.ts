import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeText, toJson } from "../../../client/render/escape.ts";

const acting = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

describe("text of runs on a terminal", () => {
  test.each([
    ["clears the screen", "a\u001b[2Jb", "a\\x1b[2Jb"],
    ["sets the title", "\u001b]0;owned\u0007", "\\x1b]0;owned\\x07"],
    ["overwrites its row", "good\rbad", "good\\rbad"],
    ["forges a row", "x\nrun_1 ok", "x\\nrun_1 ok"],
    ["uses a C1 control", "\u009b31m", "\\x9b31m"],
    ["turns the reading direction", "abc\u202egpj.exe", "abc\\u{202e}gpj.exe"],
    ["has half a character", "x\ud800y", "x\\u{d800}y"],
  ])("security 7: text that %s is made visible", (_, text, safe) => {
    expect(escapeText(text, true)).toBe(safe);
  });

  test("security 7: no text at all keeps a character that acts", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => !acting.test(escapeText(text, true))),
    );
  });

  test("security 7: without UTF-8 only ASCII is printed", () => {
    expect(escapeText("naïve 日", false)).toBe("na\\xefve \\u{65e5}");
  });

  test("words of any language stay as they are", () => {
    expect(escapeText("übung 日本語 🚀", true)).toBe("übung 日本語 🚀");
  });

  test("JSON that is safe on a terminal is the same JSON", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const json = toJson({ text });
        return !acting.test(json) && (JSON.parse(json) as { text: string }).text === text;
      }),
    );
  });
});
