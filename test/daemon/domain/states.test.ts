import { describe, expect, it } from "vitest";
import { attemptSources } from "../../../daemon/domain/attempt.ts";
import { isFinal, runSources, runStates, stepSources } from "../../../daemon/domain/run.ts";

const tables: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  run: runSources,
  step: stepSources,
  attempt: attemptSources,
};
/** Where each begins, and where it may end for good. */
const ends: Readonly<Record<string, { first: string; final: readonly string[] }>> = {
  run: { first: "queued", final: ["succeeded", "failed", "cancelled"] },
  step: { first: "waiting", final: ["succeeded", "failed", "cancelled", "skipped", "pruned"] },
  attempt: { first: "starting", final: ["ended"] },
};

describe.each(Object.keys(tables))("the states of a %s", (name) => {
  const sources = tables[name] ?? {};
  const { first, final } = ends[name] ?? { first: "", final: [] };

  it("are all reached from the first", () => {
    const reached = new Set([first]);
    for (let before = 0; before !== reached.size;) {
      before = reached.size;
      for (const [state, from] of Object.entries(sources)) {
        if (from.some((source) => reached.has(source))) reached.add(state);
      }
    }
    expect(reached).toEqual(new Set(Object.keys(sources)));
  });

  it("have an end exactly where nothing leads on", () => {
    const left = new Set(Object.values(sources).flat());
    const stuck = Object.keys(sources).filter((state) => !left.has(state));
    expect(new Set(stuck)).toEqual(new Set(final));
  });

  it("reach success only by running, or by a result that was found", () => {
    const last = "succeeded" in sources ? sources["succeeded"] : ["running"];
    expect(last).toEqual(name === "step" ? ["resolving", "running"] : ["running"]);
  });
});

it("isFinal names the ends of a run", () => {
  expect(runStates.filter(isFinal)).toEqual(ends["run"]?.final);
});
