import { expect, test } from "vitest";
import { readInstant } from "../../client/since.ts";

const now = new Date(2026, 10, 22, 7, 30).getTime();

test.each([
  ["1d", new Date(2026, 10, 21, 7, 30)],
  ["90m", new Date(2026, 10, 22, 6, 0)],
  ["today", new Date(2026, 10, 22)],
  ["yesterday", new Date(2026, 10, 21)],
  ["2026-11-21", new Date(2026, 10, 21)],
  ["2026-11-21 18:05", new Date(2026, 10, 21, 18, 5)],
  ["2026-11-21T18:05", new Date(2026, 10, 21, 18, 5)],
  ["2024-02-29", new Date(2024, 1, 29)],
])("%s is an instant", (text, expected) => {
  expect(readInstant(text, now)).toBe(expected.getTime());
});

test.each([
  "",
  "tomorrow",
  "5",
  "2026-02-30",
  "2026-13-01",
  "2026-11-21 24:30",
  "2026-11-21 18:60",
  "21.11.2026",
])("%j is none", (text) => {
  expect(readInstant(text, now)).toBeUndefined();
});
