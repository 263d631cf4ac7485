import { describe, expect, it } from "vitest";
import { compareRuns, type Comparison } from "../../../daemon/lineage/compare.ts";
import { environment as submitted, runId } from "../store/support/rows.ts";
import { LineageBed, read } from "./bed.ts";

/** What the bed submits, as far as it is told. */
const environment = { PATH: submitted.PATH };
const host = {
  name: "box",
  cores: 2,
  memoryBytes: 100,
  gpus: [],
  kernel: "6.1",
  drivers: {},
  node: "24",
  blut: "1",
};

/** The changes as `facet name: from > to`. */
function words({ steps }: Comparison): Record<string, string[] | string> {
  return Object.fromEntries(
    steps.map((each) => [
      each.step,
      "only" in each
        ? `only in ${each.only}`
        : each.changes.map(
            ({ facet, name, from = "none", to = "none" }) =>
              `${facet} ${name}: ${JSON.stringify(from)} > ${JSON.stringify(to)}`,
          ),
    ]),
  );
}

const compare = (bed: LineageBed, limit = 100): Promise<Comparison> =>
  compareRuns(bed.store, runId(1), runId(2), limit);

describe("two runs", () => {
  it("that are the same differ in nothing", async () => {
    const bed = new LineageBed();
    for (const n of [1, 2]) {
      await bed.run(n, { name: "train", args: { epochs: 5 } });
      await bed.record(n, "train", [read("data", "d1", "/x")], "b1", {
        origin: { host, environment: {} },
      });
    }
    expect(await compare(bed)).toEqual({ steps: [], same: 1, more: false });
  });

  it("differ by facet, in nothing else", async () => {
    const bed = new LineageBed();
    const step = { name: "train", env: { SEED: "1", API_KEY: "sssh" } };
    const git = { commit: "0".repeat(40), isDirty: false };
    await bed.run(1, { ...step, args: { epochs: 5, lr: 0.1 } });
    await bed.record(1, "train", [read("data", "d1", "/x")], "b1", {
      code: "c0",
      metrics: { loss: 0.5 },
      origin: { host, environment: {}, git },
    });
    await bed.run(2, { ...step, args: { epochs: 9, lr: 0.1 }, env: { SEED: "2", API_KEY: "new" } });
    await bed.record(2, "train", [read("data", "d2", "/x")], "b2", {
      code: "c1",
      metrics: { loss: "NaN" },
      origin: { host: { ...host, kernel: "6.2" }, environment: {}, git: { ...git, isDirty: true } },
    });
    const { train } = words(await compare(bed));
    expect((train as string[]).map((line) => line.replace(/([0-9a-f]{2})\1{31}/g, "$1"))).toEqual([
      "args epochs: 5 > 9",
      'code digest: "c0" > "c1"',
      "code uncommitted changes: false > true",
      'env SEED: "1" > "2"',
      'inputs data: "d1" > "d2"',
      'output artifact: "b1" > "b2"',
      'metrics loss: 0.5 > "NaN"',
      'host kernel: "6.1" > "6.2"',
    ]);
  });

  it("have steps of their own", async () => {
    const bed = new LineageBed();
    await bed.run(1, { name: "a" }, { name: "b" });
    await bed.run(2, { name: "b" }, { name: "c" });
    expect(await compare(bed)).toMatchObject({ same: 1 });
    expect(words(await compare(bed))).toEqual({ a: "only in from", c: "only in to" });
  });

  it("of plain commands are compared by what the books know", async () => {
    const bed = new LineageBed();
    await bed.run(1, { name: "main", argv: ["train.py", "--epochs", "5"] });
    await bed.run(2, { name: "main", argv: ["train.py", "--epochs", "9"] });
    expect(words(await compare(bed))).toEqual({
      main: ['args command: "train.py --epochs 5" > "train.py --epochs 9"'],
    });
  });

  it("of which one reused the other's result differ in nothing", async () => {
    const bed = new LineageBed();
    const origin = { host, environment: { PATH: "/bin" } };
    await bed.run(1, { name: "train" });
    await bed.record(1, "train", [], "b1", { code: "c0", origin, metrics: { loss: 1 } });
    await bed.run(2, { name: "train" });
    await bed.record(2, "train", [], "b1", { code: "c0", cachedFrom: runId(1) });
    expect(await compare(bed)).toEqual({ steps: [], same: 1, more: false });
  });

  it("are not told apart by work that nobody remembers", async () => {
    const bed = new LineageBed();
    const origin = { host, environment };
    await bed.run(1, { name: "train" });
    await bed.record(1, "train", [], "b1", { code: "c0", origin, metrics: { loss: 1 } });
    await bed.run(2, { name: "train" });
    await bed.record(2, "train", [], "b1", { code: "c1", cachedFrom: runId(9) });
    expect(words(await compare(bed))).toEqual({ train: ['code digest: "c0" > "c1"'] });
  });

  it("are not told apart by what was measured within noise", async () => {
    const bed = new LineageBed();
    for (const n of [1, 2]) await bed.run(n, { name: "main" });
    const later = bed.attemptOf(2, "main");
    expect(bed.store.attempts.get(later)?.endedAt).not.toBe(
      bed.store.attempts.get(bed.attemptOf(1, "main"))?.endedAt,
    );
    expect(await compare(bed)).toMatchObject({ steps: [] });
  });

  it("that differ in many steps are told up to the limit", async () => {
    const bed = new LineageBed();
    const steps = (x: number) =>
      Array.from({ length: 20 }, (_, i) => ({ name: `s${i}`, args: { x } }));
    await bed.run(1, ...steps(1));
    await bed.run(2, ...steps(2));
    expect(await compare(bed, 5)).toMatchObject({ steps: { length: 5 }, more: true });
  });
});
