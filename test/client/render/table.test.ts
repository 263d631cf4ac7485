import { describe, expect, test } from "vitest";
import { bar } from "../../../client/render/bar.ts";
import { formatBytes, formatBytesShort } from "../../../client/render/bytes.ts";
import { formatDuration } from "../../../client/render/duration.ts";
import type { Style } from "../../../client/render/style.ts";
import { table } from "../../../client/render/table.ts";
import { parseSize } from "../../../daemon/protocol/units.ts";

const style: Style = { color: false, unicode: true, width: 30, now: 0 };
const ascii: Style = { ...style, unicode: false };
const columns = [
  { title: "ID", cell: (row: { id: string; what: string }) => row.id },
  { title: "NONE", cell: () => "" },
  { title: "WHAT", cell: (row: { id: string; what: string }) => row.what, shrinksTo: 8 },
];

describe("a table", () => {
  test("shows no column that no row uses", () => {
    expect(table(style, columns, [{ id: "a", what: "b" }])).toBe("ID  WHAT\na   b");
  });

  test("shortens the column that gives way, so that no line is longer than the terminal", () => {
    const row = { id: "run_1", what: "a very long story about nothing" };
    expect(table(style, columns, [row])).toBe("ID     WHAT\nrun_1  a very long story abou…");
    expect(table(ascii, columns, [row])).toContain("a very long story ab...");
  });

  test("may leave out the middle, where the end tells rows apart", () => {
    const [id, , what] = columns;
    if (id === undefined || what === undefined) throw new Error("two columns");
    const row = { id: "a", what: "stage /home/me/projects/日本/train lr=1" };
    const cut = [id, { ...what, losesMiddle: true } as const];
    expect(table(style, cut, [row])).toBe("ID  WHAT\na   stage …cts/日本/train lr=1");
    const plain = { ...row, what: "stage /home/me/projects/a/train lr=1" };
    expect(table(ascii, cut, [plain])).toBe("ID  WHAT\na   stag...ojects/a/train lr=1");
  });

  test("counts the two cells of a wide character", () => {
    const drawn = table(style, columns, [
      { id: "日本", what: "x" },
      { id: "abcd", what: "y" },
    ]);
    expect(drawn).toBe("ID    WHAT\n日本  x\nabcd  y");
  });

  test("security 7: a cell cannot forge a row", () => {
    expect(table(style, columns, [{ id: "a\nb", what: "\u001b[2J" }]).split("\n")).toHaveLength(2);
  });
});

describe("figures", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536 * 1024, "1.5 MiB"],
    [1023.7 * 1024 ** 2, "1 GiB"],
    [812 * 1024 ** 2, "812 MiB"],
    [24 * 1024 ** 3, "24 GiB"],
  ])("%d bytes read %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test("a table's sizes are what --mem reads", () => {
    for (const bytes of [1, 1000, 5 * 1024, 1.5 * 1024 ** 3, 7 * 1024 ** 4]) {
      expect(parseSize(formatBytesShort(bytes))).toEqual({ ok: true, value: bytes });
    }
  });

  test.each([
    [0, "0ms"],
    [999, "999ms"],
    [4250, "4.2s"],
    [9999, "9.9s"],
    [59_999, "59s"],
    [200_000, "3m20s"],
    [3_600_000, "1h"],
    [187_200_000, "2d4h"],
  ])("%d ms read %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test("a bar shows what is used, held and free, in blocks or in ASCII", () => {
    const value = { used: 2, held: 5, total: 10 };
    expect(bar(style, value, 10)).toBe("██▒▒▒░░░░░");
    expect(bar(ascii, value, 10)).toBe("[##===.....]");
  });

  test("a bar is full only at its limit and empty only at nothing", () => {
    expect(bar(style, { used: 999, total: 1000 }, 4)).toBe("███░");
    expect(bar(style, { used: 1, total: 1000 }, 4)).toBe("█░░░");
    expect(bar(style, { used: 2000, total: 1000 }, 4)).toBe("████");
  });
});
