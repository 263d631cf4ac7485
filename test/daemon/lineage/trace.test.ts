import { describe, expect, it } from "vitest";
import { keep, runId } from "../store/support/rows.ts";
import { traceDown, traceUp, type Trace } from "../../../daemon/lineage/trace.ts";
import { digest, LineageBed, read } from "./bed.ts";

/** The tree as indented words: input, artifact, step, and where it came from. */
function words({ rows }: Trace): string[] {
  return rows.map(({ depth, input, artifact = "--", by, path, isSeen, write }) =>
    [
      "  ".repeat(depth) + (input === undefined ? "" : `${input}:`) + artifact.slice(0, 2),
      by?.step,
      path,
      write?.cachedFrom && "reused",
      isSeen ? "above" : undefined,
    ]
      .filter((word) => word !== undefined && word !== "")
      .join(" "),
  );
}

/** prepare makes d1 of a file; two trainings read it; a report reads both. */
async function diamond(bed: LineageBed, n: number): Promise<void> {
  await bed.run(n, { name: "prepare" }, { name: "gbt" }, { name: "mlp" }, { name: "report" });
  await bed.record(n, "prepare", [read("raw", "a0", "/data/x.csv")], "d1");
  await bed.record(n, "gbt", [read("data", "d1", "prepare")], "b1");
  await bed.record(n, "mlp", [read("data", "d1", "prepare")], "b2");
  await bed.record(n, "report", [read("one", "b1", "gbt"), read("two", "b2", "mlp")], "e1");
}

describe("upwards", () => {
  it("leads from a result to the files that were there before, shared parts drawn once", async () => {
    const bed = new LineageBed();
    await diamond(bed, 1);
    expect(words(traceUp(bed.store, digest("e1"), 100))).toEqual([
      "e1 report",
      "  one:b1 gbt",
      "    data:d1 prepare",
      "      raw:a0 /data/x.csv",
      "  two:b2 mlp",
      "    data:d1 prepare above",
    ]);
  });

  it("tells what was reused, and goes on through what that run read itself", async () => {
    const bed = new LineageBed();
    await diamond(bed, 1);
    await bed.run(2, { name: "prepare" }, { name: "gbt", args: { epochs: 9 } });
    await bed.record(2, "prepare", [read("raw", "a0", "/data/x.csv")], "d1", {
      cachedFrom: runId(1),
    });
    await bed.record(2, "gbt", [read("data", "d1", "prepare")], "b3");
    expect(words(traceUp(bed.store, digest("b3"), 100))).toEqual([
      "b3 gbt",
      "  data:d1 prepare reused",
      "    raw:a0 /data/x.csv",
    ]);
  });

  it("names the step that worked, not those that reused it, and how many others there are", async () => {
    const bed = new LineageBed();
    await bed.run(1, { name: "prepare" });
    await bed.record(1, "prepare", [], "d1");
    await bed.run(2, { name: "prepare" });
    await bed.record(2, "prepare", [], "d1", { cachedFrom: runId(1) });
    const { rows } = traceUp(bed.store, digest("d1"), 100);
    expect(rows).toMatchObject([{ by: { runId: runId(1) }, others: 1 }]);
  });

  it("follows an artifact into the run that made it, where a plan names it by digest", async () => {
    const bed = new LineageBed();
    await diamond(bed, 1);
    await bed.run(2, { name: "again" });
    await bed.record(2, "again", [read("model", "b1")], "f1");
    expect(words(traceUp(bed.store, digest("f1"), 100)).slice(0, 3)).toEqual([
      "f1 again",
      "  model:b1 gbt",
      "    data:d1 prepare",
    ]);
  });

  it("draws the parts of what was put together, and the whole of what was taken apart", async () => {
    const bed = new LineageBed();
    await bed.run(1, { name: "gbt" }, { name: "report" }, { name: "split" }, { name: "each" });
    await bed.record(1, "gbt", [], "b1");
    await bed.record(1, "report", [read("models", "c0"), read("models/gbt", "b1", "gbt")], "e1");
    await bed.record(1, "split", [], "d1");
    await bed.record(1, "each", [read("data", "d1", "split"), read("data/x", "d2")], "e2");
    expect(words(traceUp(bed.store, digest("e1"), 100))).toEqual([
      "e1 report",
      "  models/gbt:b1 gbt",
    ]);
    expect(words(traceUp(bed.store, digest("e2"), 100))).toEqual(["e2 each", "  data:d1 split"]);
  });

  it("ends where rows that no run can make point in a circle", async () => {
    const bed = new LineageBed();
    await bed.run(1, { name: "egg" }, { name: "hen" });
    await bed.record(1, "egg", [read("from", "b1", "hen")], "b0");
    await bed.record(1, "hen", [read("from", "b0", "egg")], "b1");
    expect(words(traceUp(bed.store, digest("b0"), 100))).toEqual([
      "b0 egg",
      "  from:b1 hen",
      "    from:b0 egg above",
    ]);
  });

  it("is as deep as a plan may be, and stops at the limit", async () => {
    const bed = new LineageBed();
    await bed.run(1, { name: "s0" });
    const deep = 10_000;
    const name = (i: number): string => i.toString(16).padStart(64, "0");
    await keep(bed.store, () => {
      for (let i = 0; i < deep; i++) {
        const place = { runId: runId(1), step: `s${i}` };
        const input = { input: "in", artifact: name(i + 1), kind: "any", fromStep: `s${i + 1}` };
        bed.store.lineage.replaceReads(place, [input]);
        bed.store.lineage.putWrite(place, {
          artifact: name(i),
          kind: "any",
          key: "",
          at: 0,
          facts: {
            stage: { name: "s", version: "" },
            command: "",
            cwd: "/",
            args: {},
            env: {},
            attempts: [],
            metrics: {},
          },
        });
      }
    });
    const whole = traceUp(bed.store, name(0), deep + 10);
    expect(whole.rows).toHaveLength(deep + 1);
    expect(whole.rows.at(-1)).toMatchObject({ depth: deep, artifact: name(deep) });
    expect(traceUp(bed.store, name(0), 100)).toMatchObject({ more: true, rows: { length: 100 } });
  });
});

describe("downwards", () => {
  it("leads from a file to everything that was made of it", async () => {
    const bed = new LineageBed();
    await diamond(bed, 1);
    expect(words(traceDown(bed.store, digest("a0"), 100))).toEqual([
      "a0",
      "  raw:d1 prepare",
      "    data:b1 gbt",
      "      one:e1 report",
      "    data:b2 mlp",
      "      two:e1 report",
    ]);
  });

  it("names a step that only read", async () => {
    const bed = new LineageBed();
    await bed.run(1, { name: "prepare" }, { name: "look" });
    await bed.record(1, "prepare", [], "d1");
    await bed.record(1, "look", [read("data", "d1", "prepare")]);
    expect(words(traceDown(bed.store, digest("d1"), 100))).toEqual([
      "d1 prepare",
      "  data:-- look",
    ]);
  });
});
