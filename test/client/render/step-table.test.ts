import { expect, test } from "vitest";
import { stepCard } from "../../../client/render/step-card.ts";
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

test("a step alone is shown with its command, what it left and its attempts", () => {
  const attempt = aDetail()
    .history.slice(0, 1)
    .map((one) => ({ ...one, step: "train" }));
  const left = { artifact: "ab12".repeat(16), kind: "model", argv: ["python3", "train.py"] };
  const step = aStepDetail("train", { state: "failed", because: "prepare", ...left });
  const card = stepCard({ ...dag, steps: [step], history: attempt }, style);
  expect(card).toMatch(/^run_01j9x2c3d4e5\/train {2}encode\nfailed: because of prepare\n/);
  expect(card).toContain("command    python3 train.py\n");
  expect(card).toContain("left       model ab12ab12ab12\n");
  expect(card).toContain("\nAttempt\nTRY  ");
});

test("a reason that has no room goes on below itself", () => {
  const why = "/s/runs/run_01j9x2c3d4e5/train/1/out is empty: the command wrote nothing into it";
  const end = { kind: "outcome", step: "train", outcome: { cause: "bad-output", why } } as const;
  const run = { ...dag, steps: [aStepDetail("train", { state: "failed", end }), ...dag.steps] };
  const lines = runCard(run, { ...style, width: 72 }).split("\n");
  const first = lines.findIndex((line) => line.includes("bad output:"));
  expect(first).toBeGreaterThan(0);
  const column = lines[first]?.indexOf("bad output") ?? 0;
  const words = lines.slice(first, first + 4).map((line) => line.slice(column).trim());
  expect(words.join(" ")).toContain("$BLUT_OUT is empty: the command wrote nothing into it");
  expect(lines.every((line) => line.length <= 72)).toBe(true);
});

test("steps past the first hundred are counted, and how to see them is said", () => {
  const many = Array.from({ length: 120 }, (_, i) => aStepDetail(`s${i}`, {}));
  const card = runCard(aDetail({ steps: many, stepCounts: { waiting: 10_000 } }), style);
  expect(card).toContain("s99 ");
  expect(card).not.toContain("s100");
  expect(card).toContain("... and 9900 more");
});

test("a step's card counts its own elements, and no step of the whole run", () => {
  const steps = [
    aStepDetail("each", {}),
    ...Array.from({ length: 110 }, (_, i) =>
      aStepDetail(`each.${i}`, { parent: "each", element: `file-${i}` }),
    ),
  ];
  const stepCounts = { waiting: 10_000 };
  expect(stepCard({ ...dag, steps: steps.slice(0, 3), stepCounts }, style)).not.toContain("more:");
  const ask = `{"run":"${dag.id}","step":"each","stepsFrom":100}`;
  const card = stepCard({ ...dag, steps, stepCounts }, style);
  expect(card).toContain(`... and 11 more: blutctl rpc run.get '${ask}'`);
});
