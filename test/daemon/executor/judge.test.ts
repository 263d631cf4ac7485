import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stopCauses } from "../../../daemon/domain/attempt.ts";
import { judge } from "../../../daemon/executor/judge.ts";
import { nothingKnown, type ExitReport } from "../../../daemon/launcher/exit-report.ts";

const limitBytes = 64 * 1024 ** 2;

function report(more: Partial<ExitReport>): ExitReport {
  return { ...nothingKnown, started: true, ...more };
}

function exited(status: number): ExitReport {
  return report({ record: { kind: "exited", status } });
}

describe("judge", () => {
  it.each([
    ["a record of 0 is a success", exited(0), { cause: "succeeded" }],
    ["a record of 7 is the command's own failure", exited(7), { cause: "failed", exitCode: 7 }],
    ["death by SEGV reads as a shell reports it", exited(139), { cause: "failed", exitCode: 139 }],
    [
      "fault 34: an own-limit kill wins over whatever status was reported",
      { ...exited(0), killer: "own-limit" as const },
      { cause: "out-of-memory", limitBytes },
    ],
    [
      "fault 34: the box's kill is not the step's own",
      report({ killer: "box-oom" }),
      { cause: "killed-from-outside", by: "box-oom" },
    ],
    [
      "systemd-oomd is named",
      report({ killer: "oomd" }),
      { cause: "killed-from-outside", by: "oomd" },
    ],
    [
      "the wall limit is a hard timeout",
      report({ killer: "wall-limit" }),
      { cause: "timed-out", which: "hard" },
    ],
    [
      "fault 5: no record and no killer is a stranger's kill",
      report({}),
      { cause: "killed-from-outside", by: "stranger" },
    ],
    [
      "what never reached its first instruction is lost",
      nothingKnown,
      { cause: "lost", why: "it was gone before its first instruction" },
    ],
    [
      "a missing program says why",
      report({ record: { kind: "could-not-start", why: "no such program" } }),
      { cause: "could-not-start", why: "no such program" },
    ],
  ])("%s", (_name, given, expected) => {
    expect(judge({ report: given, limitBytes })).toEqual(expected);
  });

  it("what we asked for comes before its consequences", () => {
    expect(judge({ report: exited(143), limitBytes, stopCause: "cancelled" })).toEqual({
      cause: "cancelled",
    });
    expect(
      judge({ report: report({ killer: "own-limit" }), limitBytes, stopCause: "hard-timeout" }),
    ).toEqual({ cause: "timed-out", which: "hard" });
  });

  it("silence and divergence come with what they were told by", () => {
    const killed = { report: exited(143), limitBytes };
    const silent = { stopCause: "stalled", stopFacts: { silentMs: 61_000 } } as const;
    expect(judge({ ...killed, ...silent })).toEqual({ cause: "stalled", silentMs: 61_000 });
    const facts = { metric: "loss", value: "NaN" };
    expect(judge({ ...killed, stopCause: "diverged", stopFacts: facts })).toEqual({
      cause: "diverged",
      ...facts,
    });
  });

  it("a stage that heeds the soft warning and says it is done has succeeded", () => {
    expect(judge({ report: exited(0), limitBytes, stopCause: "soft-timeout" })).toEqual({
      cause: "succeeded",
    });
    expect(judge({ report: exited(143), limitBytes, stopCause: "soft-timeout" })).toEqual({
      cause: "timed-out",
      which: "soft",
    });
  });

  it("a soft warning is no stop: what runs out of memory after it is out of memory", () => {
    const killed = report({ killer: "own-limit" });
    expect(judge({ report: killed, limitBytes, stopCause: "soft-timeout" })).toEqual({
      cause: "out-of-memory",
      limitBytes,
    });
  });

  it("whoever was told to end by nobody of ours has not ended by itself, whatever it made of that", () => {
    for (const status of [0, 1, 143]) {
      const told = report({ record: { kind: "exited", status, told: true } });
      expect(judge({ report: told, limitBytes })).toEqual({
        cause: "killed-from-outside",
        by: "stranger",
      });
      expect(judge({ report: told, limitBytes, stopCause: "cancelled" })).toEqual({
        cause: "cancelled",
      });
    }
    // A soft timeout tells the whole attempt, and an end in good order is its own.
    const heeded = report({ record: { kind: "exited", status: 0, told: true } });
    expect(judge({ report: heeded, limitBytes, stopCause: "soft-timeout" })).toEqual({
      cause: "succeeded",
    });
  });

  it("success is never invented: it needs a record of 0 and no killer", () => {
    const record = fc.option(
      fc.oneof(
        fc.record({ kind: fc.constant("exited" as const), status: fc.nat(255) }),
        fc.record({ kind: fc.constant("could-not-start" as const), why: fc.string() }),
      ),
      { nil: undefined },
    );
    const killer = fc.constantFrom(undefined, "own-limit", "box-oom", "oomd", "wall-limit");
    const stopCause = fc.constantFrom(undefined, ...stopCauses);
    fc.assert(
      fc.property(record, killer, stopCause, fc.boolean(), (r, k, cause, started) => {
        const given = {
          ...nothingKnown,
          started,
          ...(r && { record: r }),
          ...(k && { killer: k }),
        } as ExitReport;
        const outcome = judge({ report: given, limitBytes, stopCause: cause });
        if (outcome.cause !== "succeeded") return;
        expect(r).toEqual({ kind: "exited", status: 0 });
        expect(k).toBeUndefined();
      }),
    );
  });
});
