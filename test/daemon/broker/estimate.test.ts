import { describe, expect, it } from "vitest";
import { footprintOf, type FootprintQuestion } from "../../../daemon/broker/estimate.ts";
import type { Calibration } from "../../../daemon/domain/calibration.ts";
import { gib, mib } from "../../support/box.ts";

const policy = {
  defaultBytes: 512 * mib,
  escalationFactor: 2,
  marginRatio: 0.1,
  marginBytes: 16 * mib,
};

/** What is known, in MiB; each figure from a run named for it. */
function known(figures: { peak?: number; killed?: number; pinned?: number }): Calibration {
  const evidence = (size: number, runId: string) => ({ bytes: size * mib, runId, at: 1 });
  return {
    key: "key",
    ...(figures.peak !== undefined && { cleanPeak: evidence(figures.peak, "run_clean") }),
    ...(figures.killed !== undefined && { killedAt: evidence(figures.killed, "run_killed") }),
    ...(figures.pinned !== undefined && { pinned: evidence(figures.pinned, "") }),
    successes: 1,
    kills: 1,
    rejected: 0,
    lastSeenAt: 1,
  };
}

interface Case {
  peak?: number;
  killed?: number;
  pinned?: number;
  own?: number;
  mem?: number;
  declared?: number;
  memMax?: number;
  now?: number;
  best?: number;
}

/** Sizes in MiB, the budget is 8192: the limit and the kind of its origin, or needed and ceiling. */
function ask({ own, mem, declared, memMax, now, best, ...figures }: Case): string {
  const question: FootprintQuestion = {
    ...(Object.keys(figures).length > 0 && { history: known(figures) }),
    ask: {
      ...(mem !== undefined && { firstBytes: mem * mib }),
      ...(declared !== undefined && { declaredBytes: declared * mib }),
      ...(memMax !== undefined && { ceilingBytes: memMax * mib }),
    },
    killedAtBytes: own === undefined ? undefined : own * mib,
    policy,
    budgetBytes: 8 * gib,
    attainable:
      best === undefined ? undefined : { nowBytes: (now ?? best) * mib, bestBytes: best * mib },
  };
  const answer = footprintOf(question);
  return answer.ok
    ? `${answer.value.limitBytes / mib} ${answer.value.origin.kind}`
    : `needs ${Math.floor(answer.error.neededBytes / mib)} of ${answer.error.ceilingBytes / mib}`;
}

describe("the first limit", () => {
  it.each<[string, Case, string]>([
    ["nothing known, nothing asked", {}, "512 default"],
    ["the default stays under --mem-max", { memMax: 100 }, "100 default"],
    ["asked, nothing known", { mem: 300 }, "300 asked"],
    ["asked, rounded up to whole MiB", { mem: 300.2 }, "301 asked"],
    [
      "asked with more bytes than the ceiling's whole MiB",
      { mem: 300.2, memMax: 300.5 },
      "300.5 asked",
    ],
    ["asked, known to be enough", { mem: 300, peak: 300 }, "300 asked"],
    ["asked far too much: taken as given", { mem: 4000, peak: 100, killed: 50 }, "4000 asked"],
    ["asked, but a clean run needed more", { mem: 299, peak: 300 }, "330 measured"],
    ["asked, but killed at it", { mem: 300, killed: 300 }, "600 escalated"],
    ["asked, but killed above it", { mem: 300, killed: 400 }, "800 escalated"],
    ["asked, killed below it", { mem: 300, killed: 299 }, "300 asked"],
    ["asked more than the budget", { mem: 9000 }, "needs 9000 of 8192"],
    ["declared, nothing known", { declared: 300 }, "300 declared"],
    ["declared and asked: as asked", { declared: 300, mem: 200 }, "200 asked"],
    ["declared, but measured", { declared: 300, peak: 100 }, "116 measured"],
    ["declared, but killed", { declared: 300, killed: 100 }, "200 escalated"],
    ["declared more than the budget", { declared: 9000 }, "needs 9000 of 8192"],
    ["measured, 10% over", { peak: 1000 }, "1100 measured"],
    ["measured, a small one: at least 16 MiB over", { peak: 100 }, "116 measured"],
    ["measured, a tiny one: never below the floor", { peak: 1 }, "32 measured"],
    ["measured close to the ceiling: the ceiling", { peak: 8000 }, "8192 measured"],
    ["measured at the ceiling", { peak: 8192 }, "8192 measured"],
    ["measured above the ceiling", { peak: 8193 }, "needs 8193 of 8192"],
    ["measured above --mem-max", { peak: 300, memMax: 200 }, "needs 300 of 200"],
    ["killed, never clean", { killed: 512 }, "1024 escalated"],
    ["killed at a tiny limit: never below the floor", { killed: 2 }, "32 escalated"],
    ["killed above every clean peak", { peak: 400, killed: 512 }, "1024 escalated"],
    ["killed at the clean peak", { peak: 512, killed: 512 }, "1024 escalated"],
    ["killed below a clean peak: the measurement wins", { peak: 513, killed: 512 }, "565 measured"],
    ["killed close to the ceiling: the ceiling", { killed: 5000 }, "8192 escalated"],
    ["killed at the ceiling", { killed: 8192 }, "needs 8192 of 8192"],
    ["killed above --mem-max", { killed: 512, memMax: 512 }, "needs 512 of 512"],
    ["pinned wins over everything measured", { pinned: 100, peak: 300, killed: 400 }, "100 pinned"],
    ["pinned above what was asked", { pinned: 400, mem: 300 }, "400 pinned"],
    ["pinned below what was asked", { pinned: 200, mem: 300 }, "300 asked"],
    ["pinned above the ceiling", { pinned: 9000 }, "needs 9000 of 8192"],
  ])("%s", (_, question, answer) => {
    expect(ask(question)).toBe(answer);
  });
});

describe("after a kill of this very step at its own limit", () => {
  it.each<[string, Case, string]>([
    ["nothing else known: times the factor", { own: 512 }, "1024 escalated"],
    ["others needed more: the largest known need", { own: 50, peak: 200 }, "220 measured"],
    ["others needed little more: times the factor", { own: 150, peak: 200 }, "300 escalated"],
    ["others were killed higher: on from there", { own: 512, killed: 1024 }, "2048 escalated"],
    ["asked, and that was too little", { own: 300, mem: 300 }, "600 escalated"],
    ["asked, and killed below it by an earlier plan", { own: 200, mem: 300 }, "300 asked"],
    ["at a pin: the pin is too small", { own: 100, pinned: 100 }, "200 escalated"],
    ["below a pin: the pin", { own: 50, pinned: 120 }, "120 pinned"],
    ["clamped to --mem-max", { own: 300, memMax: 400 }, "400 escalated"],
    ["at --mem-max", { own: 400, memMax: 400 }, "needs 400 of 400"],
    ["at the budget", { own: 8192 }, "needs 8192 of 8192"],
  ])("%s", (_, question, answer) => {
    expect(ask(question)).toBe(answer);
  });

  it("names the run when the store knows it, and this run when it does not", () => {
    const origin = (killedAtBytes: number) => {
      const history = known({ killed: 512 });
      const budgetBytes = 8 * gib;
      const answer = footprintOf({ history, ask: {}, killedAtBytes, policy, budgetBytes });
      return answer.ok && answer.value.origin;
    };
    expect(origin(512 * mib)).toMatchObject({ runId: "run_killed", killedAtBytes: 512 * mib });
    expect(origin(600 * mib)).toEqual({ kind: "escalated", killedAtBytes: 600 * mib });
  });
});

describe("where the rest of the box keeps the budget from being used in full", () => {
  it.each<[string, Case, string]>([
    ["a guess stays within what can be had", { own: 5000, best: 7000 }, "7000 escalated"],
    ["so does a margin", { peak: 6800, best: 7000 }, "7000 measured"],
    [
      "a guess that could be had at better times waits",
      { own: 3000, best: 7000, now: 4000 },
      "6000 escalated",
    ],
    ["what was asked is not ours to change", { mem: 8000, best: 7000 }, "8000 asked"],
    [
      "a need above what is there now waits",
      { peak: 6800, best: 7000, now: 6000 },
      "7480 measured",
    ],
    ["killed at all there was: it ends", { own: 7000, best: 7000 }, "needs 7000 of 7000"],
    ["killed with hardly more to give: it ends", { own: 6900, best: 7000 }, "needs 6900 of 7000"],
    [
      "killed elsewhere at more than that: another run may wait",
      { killed: 7500, best: 7000 },
      "8192 escalated",
    ],
  ])("%s", (_, question, answer) => {
    expect(ask(question)).toBe(answer);
  });
});
