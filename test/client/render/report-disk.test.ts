import { expect, test } from "vitest";
import { diskPart } from "../../../client/render/report/rest-part.ts";
import { styleOf } from "../../../client/render/style.ts";

const style = styleOf({ env: { LANG: "C.UTF-8" }, isTTY: false, columns: 80 }, "never", 0);
const collectedLine = (runs: number, logs: number, freedBytes: number): string | undefined => {
  const text = diskPart(
    {
      disk: {
        databaseBytes: 1024,
        logBytes: 0,
        artifactBytes: 0,
        freeBytes: 1024,
        totalBytes: 2048,
        collected: { runs, logs, freedBytes },
      },
    } as Parameters<typeof diskPart>[0],
    style,
  );
  return text.split("\n").find((line) => line.includes("collected"));
};

test.each([
  [5, 0, /^ {2}collected +5 runs, 2 KiB$/],
  [0, 1, /^ {2}collected +the logs of 1 run, 2 KiB$/],
  [1, 3, /^ {2}collected +1 run, the logs of 3 runs more, 2 KiB$/],
])("what was collected names only what was: %d runs, %d logs", (runs, logs, line) => {
  expect(collectedLine(runs, logs, 2048)).toMatch(line);
});

test("nothing collected is no line", () => {
  expect(collectedLine(0, 0, 0)).toBeUndefined();
});
