import { expect, it } from "vitest";
import { isAttemptId, isRunId } from "../../../daemon/domain/ids.ts";

it("an id is its prefix and twelve characters of the alphabet, nothing around it", () => {
  expect(isRunId("run_0123456789ab")).toBe(true);
  expect(isAttemptId("att_zyxwvtsrqpnm")).toBe(true);
});

it.each(
  [
    ["", "run_", "run_0123456789a", "run_0123456789abc", "RUN_0123456789ab", "run_0123456789aB"],
    ["att_0123456789ab", "run_0123456789ai", "run_0123456789al", "run_0123456789ao"],
    [
      "run_0123456789ab\n",
      " run_0123456789ab",
      "run_../../etc/pa",
      "run_0123456789a%",
      "run-012345",
    ],
  ].flat(),
)("security 5: %j is no run id, so it never names a unit or a directory", (text) => {
  expect(isRunId(text)).toBe(false);
  expect(isAttemptId(text.replace(/^run_/, "att_"))).toBe(text === "att_0123456789ab");
});
