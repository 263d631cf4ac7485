import { expect, test } from "vitest";
import { runCard } from "../../../client/render/run-card.ts";
import type { MethodResult } from "../../../daemon/protocol/methods.ts";
import { aDetail } from "../../support/wire-facts.ts";

type Step = MethodResult<"run.get">["steps"][number];

const style = { color: false, unicode: true, width: 100, now: 10_000 };
const mib = 1024 ** 2;

function aStepDetail(name: string, more: Partial<Step>): Step {
  return {
    ...{ name, state: "waiting", stage: name, needs: [], argv: ["true"], cwd: "/" },
    ...{ calibrationKey: "true", attempts: 0 },
    ...more,
  };
}

const dag = aDetail({
  history: [],
  steps: [
    aStepDetail("prepare", {
      state: "succeeded",
      cachedFrom: "run_01j9x2c3d4e5",
      artifact: "ab12".repeat(16),
    }),
    aStepDetail("train", {
      state: "failed",
      attempts: 2,
      limitBytes: 512 * mib,
      peakNeedBytes: 300 * mib,
    }),
    aStepDetail("train.0", { state: "succeeded", parent: "train", element: "fold-a" }),
    aStepDetail("report", { state: "skipped", because: "train" }),
  ],
  stepCounts: { succeeded: 2, failed: 1, skipped: 1 },
});

test("a DAG shows each step with how it stands and why", () => {
  const card = runCard(dag, style);
  expect(card).toContain("steps      2 succeeded, 1 failed, 1 skipped\n");
  expect(card).toMatch(/prepare +reused +ab12ab12ab12 +from run_01j9x2c3d4e5/);
  expect(card).toMatch(/train +failed +512M +300M/);
  expect(card).toMatch(/ {2}\.0 fold-a +succeeded/);
  expect(card).toMatch(/report +skipped +because of train/);
});

test("steps past the first hundred are counted, and how to see them is said", () => {
  const many = Array.from({ length: 120 }, (_, i) => aStepDetail(`s${i}`, {}));
  const card = runCard(aDetail({ steps: many, stepCounts: { waiting: 10_000 } }), style);
  expect(card).toContain("s99 ");
  expect(card).not.toContain("s100");
  expect(card).toContain("... and 9900 more");
});
