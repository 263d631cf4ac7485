import { expect, it } from "vitest";
import type { Outcome } from "../../../daemon/domain/attempt.ts";
import { exitCodeOf, exitCodes } from "../../../daemon/domain/exit-code.ts";
import type { RunEnd } from "../../../daemon/domain/run.ts";

function endOf(outcome: Outcome): RunEnd {
  return { kind: "outcome", step: "main", outcome };
}

it.each<[RunEnd | undefined, number]>([
  [undefined, 0],
  [endOf({ cause: "succeeded" }), 0],
  [endOf({ cause: "failed", exitCode: 7 }), 7],
  [endOf({ cause: "failed", exitCode: 139 }), 139],
  [endOf({ cause: "out-of-memory", limitBytes: 1 }), 120],
  [endOf({ cause: "timed-out", which: "hard" }), 121],
  [endOf({ cause: "timed-out", which: "soft" }), 121],
  [endOf({ cause: "stalled", silentMs: 60_000 }), 121],
  [endOf({ cause: "diverged", metric: "loss", value: "NaN" }), 118],
  [endOf({ cause: "bad-output", why: "model.json is not there" }), 117],
  [{ kind: "bad-input", step: "train", why: "data.csv cannot be read" }, 117],
  [endOf({ cause: "cancelled" }), 122],
  [endOf({ cause: "killed-from-outside", by: "box-oom" }), 137],
  [endOf({ cause: "killed-from-outside", by: "oomd" }), 137],
  [endOf({ cause: "killed-from-outside", by: "stranger" }), 137],
  [endOf({ cause: "lost", why: "the box restarted" }), 137],
  [endOf({ cause: "could-not-start", why: "no such program" }), 127],
  [{ kind: "footprint-exceeds-host", step: "main", neededBytes: 2, ceilingBytes: 1 }, 120],
  [{ kind: "needed-run-failed", runId: "run_1" }, 123],
  [{ kind: "cancelled-while-queued" }, 122],
])("a run that ended as %j exits with %d", (end, code) => {
  expect(exitCodeOf(end)).toBe(code);
});

it("the table says what the design says, each code once", () => {
  const table = Object.fromEntries(
    Object.entries(exitCodes).map(([name, { code }]) => [name, code]),
  );
  expect(table).toEqual({
    success: 0,
    doubtful: 1,
    usage: 2,
    configuration: 78,
    badInput: 117,
    diverged: 118,
    nothingMatched: 119,
    outOfMemory: 120,
    timedOut: 121,
    cancelled: 122,
    neededRunFailed: 123,
    waitTimedOut: 124,
    noAnswer: 125,
    neverFits: 126,
    couldNotStart: 127,
    killed: 137,
  });
  expect(new Set(Object.values(table)).size).toBe(Object.keys(table).length);
});
