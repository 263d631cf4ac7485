import { expect, it } from "vitest";
import { pressureStops } from "../../../daemon/broker/pressure.ts";

const policy = { pressureStopPercent: 5, pressureResumePercent: 1 };

it("stops at the upper threshold and resumes at the lower one, without flapping in between", () => {
  let stopped = false;
  const course = [0, 4.99, 5, 3, 1.01, 1, 3, 4.99, 9].map((pressureFullAvg10) => {
    stopped = pressureStops(stopped, { pressureFullAvg10 }, policy);
    return stopped;
  });
  expect(course).toEqual([false, false, true, true, true, false, false, false, true]);
});

it("never stops on a kernel that does not tell pressure", () => {
  expect(pressureStops(true, {}, policy)).toBe(false);
});
