import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LogFilter } from "../../../client/render/log-filter.ts";

function filtered(...parts: readonly (string | Uint8Array)[]): string {
  const filter = new LogFilter(true);
  return parts.map((part) => filter.push(Buffer.from(part))).join("") + filter.end();
}

describe("a log on a terminal", () => {
  test("keeps colours, tabs and lines", () => {
    const text = "\u001b[1;31mred\u001b[0m\tx\n";
    expect(filtered(text)).toBe(text);
  });

  test("security 7: loses what moves the cursor, sets the title or asks the terminal", () => {
    expect(filtered("\u001b[2J\u001b]0;t\u0007\u001b[6n\u001bc\u0008")).toBe(
      "\\x1b[2J\\x1b]0;t\\x07\\x1b[6n\\x1bc\\x08",
    );
  });

  test("a progress bar's carriage returns become lines", () => {
    expect(filtered("10%\r20%\r\ndone\n")).toBe("10%\n20%\ndone\n");
  });

  test("a character cut by a page's end is put together again", () => {
    const bytes = Buffer.from("日本");
    expect(filtered(bytes.subarray(0, 2), bytes.subarray(2))).toBe("日本");
  });

  test("what is printed does not depend on how the bytes are cut", () => {
    const text = "a\u001b[31mb\u001b[2Jc\r\nd\re\u001b[0m\u001b";
    const whole = filtered(text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 5 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        const parts = at.slice(1).map((end, index) => text.slice(at[index], end));
        return filtered(...parts) === whole;
      }),
    );
  });
});
