import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandScript } from "./request.ts";

/** What a program sees that the script starts: its arguments, each ended by a NUL. */
function argumentsSeen(words: readonly string[]): string[] {
  const script = commandScript(["printf", "%s\\0", ...words], {});
  const { stdout } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
  return stdout.split("\0").slice(0, -1);
}

describe("commandScript", () => {
  it("keeps every argument as it is, whatever a shell might read into it", () => {
    const word = fc
      .oneof(
        fc.string({ unit: "grapheme" }),
        fc.constantFrom("it's", "a\nb", "$(id)", "\\", "*", ""),
      )
      .filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        expect(argumentsSeen(words)).toEqual(words);
      }),
    );
  });

  it("passes on what means something to a test run, and nothing else of the caller's environment", () => {
    const script = commandScript(["true"], { CI: "it's 1", SECRET: "no" });
    expect(script).toBe(`export CI='it'\\''s 1'\nexec 'true'\n`);
  });
});
