import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { metricHeader, metricLine } from "../../../daemon/domain/metric.ts";
import type { MethodResult } from "../../../daemon/protocol/methods.ts";
import { ClientRig } from "../../support/client-rig.ts";

type Metrics = MethodResult<"run.metrics">;
type Series = Metrics["attempts"][number]["series"][number];

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

const rows = [
  { at: 1000, step: 1, name: "loss", value: 1 },
  { at: 2000, step: 2, name: "loss", value: 0.5 },
  { at: 3000, step: 3, name: "loss", value: "NaN" },
  { at: 4000, name: 'a "b", <c>', value: 7 },
] as const;

function seriesOf(name: string): Series {
  const points = rows
    .filter((row) => row.name === name)
    .map(({ at, value, ...row }) => ({ at, ...("step" in row && { step: row.step }), value }));
  const finite = points.map(({ value }) => value).filter((value) => typeof value === "number");
  return {
    name,
    count: points.length,
    last: points.at(-1)?.value ?? 0,
    min: Math.min(...finite),
    max: Math.max(...finite),
    points,
  };
}

/** Two steps that measured the same; their files are where a daemon would have them. */
function twoSteps(): Metrics {
  const attempts = ["train-1", "train-2"].map((step) => {
    const directory = path.join(rig.directory, step);
    mkdirSync(directory, { recursive: true });
    const file = path.join(directory, "metrics.csv");
    writeFileSync(file, metricHeader + rows.map(metricLine).join(""));
    const series = [seriesOf("loss"), seriesOf('a "b", <c>')];
    return { step, number: 1, state: "ended" as const, file, series, isPartial: false };
  });
  return { id: "run_01j9x2c3d4e5", attempts, more: false };
}

describe("metrics", () => {
  test("is a row for each metric of each step, and charts", async () => {
    await rig.daemon({ "run.metrics": twoSteps });
    const { code, stdout } = await rig.run(["metrics", "last"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      [
        "Metrics",
        "STEP     METRIC      LAST  MIN  MAX  VALUES  COURSE",
        "train-1  loss         NaN  0.5    1       3  █▁!",
        'train-1  a "b", <c>     7    7    7       1  ▄',
      ].join("\n"),
    );
    expect(stdout).toMatch(/\nloss\n {3}1 ┤⠉⠒⠤/);
    expect(stdout).toContain(" 1 to 3 step\n");
    expect(stdout).toContain(" ━━ train-1 (1 not finite)  ━━ train-2 (1 not finite)\n");
  });

  test("goes without anything but ASCII, and with one of the metrics alone", async () => {
    await rig.daemon({ "run.metrics": twoSteps });
    const { stdout } = await rig.run(["metrics", "last", "--name", "loss"], { LANG: "C" });
    expect(stdout).toMatch(/^[\n -~]+$/);
    expect(stdout).toContain("@_!");
    expect(stdout).not.toContain("<c>");
  });

  test("shows a bar of what is under way", async () => {
    const [attempt] = twoSteps().attempts;
    if (attempt === undefined) throw new Error("no attempt");
    const progress = { done: 3, total: 12, message: "epoch 3" };
    const live = { ...attempt, state: "running" as const, series: [], progress };
    await rig.daemon({ "run.metrics": () => ({ id: "run_1", attempts: [live], more: true }) });
    const { stdout } = await rig.run(["metrics", "last"]);
    expect(stdout).toBe(
      "train-1 █████░░░░░░░░░░░░░░░ 3/12 25%  epoch 3\n\nother steps have metrics, too: name one with --step\n",
    );
  });

  test("asks for the step and the attempt that were named", async () => {
    const daemon = await rig.daemon({
      "run.metrics": () => ({ id: "run_1", attempts: [], more: false }),
    });
    const { stdout } = await rig.run(["metrics", "last", "--step", "train", "--attempt", "2"]);
    expect(stdout).toBe("run_1: nothing was measured\n");
    const asked = { run: "last", step: "train", attempt: 2, points: 400 };
    expect(daemon.paramsOf("run.metrics")).toEqual([asked]);
  });

  test("draws an SVG in which a stage's words are no markup", async () => {
    await rig.daemon({ "run.metrics": twoSteps });
    const { code, stdout } = await rig.run(["metrics", "last", "--plot", "chart.svg"]);
    expect([code, stdout]).toEqual([0, "chart.svg\n"]);
    const svg = readFileSync(path.join(rig.directory, "chart.svg"), "utf8");
    expect(svg).toMatch(/^<svg [^>]*width="800"/);
    expect(svg).toContain("a &#34;b&#34;, &#60;c&#62;");
    expect(svg).not.toContain("<c>");
    expect(svg.match(/<path /g)).toHaveLength(2);
    expect(svg.match(/×/g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("draws a PNG", async () => {
    await rig.daemon({ "run.metrics": twoSteps });
    await rig.run(["metrics", "last", "--plot", "chart.png"]);
    const png = readFileSync(path.join(rig.directory, "chart.png"));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(png.readUInt32BE(16)).toBe(1600);
  });

  test("exports every value as CSV", async () => {
    await rig.daemon({ "run.metrics": twoSteps });
    const { stdout } = await rig.run(["metrics", "last", "--export", "all.csv", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ export: "all.csv" });
    const lines = readFileSync(path.join(rig.directory, "all.csv"), "utf8").split("\n");
    expect(lines).toHaveLength(1 + 2 * rows.length + 1);
    expect(lines.slice(0, 2)).toEqual([
      "run,plan_step,attempt,at,step,name,value",
      "run_01j9x2c3d4e5,train-1,1,1000,1,loss,1",
    ]);
  });

  test("exports every value as Parquet", async () => {
    await rig.daemon({ "run.metrics": twoSteps });
    await rig.run(["metrics", "last", "--export", "all.parquet"]);
    const file = await asyncBufferFromFile(path.join(rig.directory, "all.parquet"));
    const read = await parquetReadObjects({ file });
    expect(read).toHaveLength(2 * rows.length);
    const common = { run: "run_01j9x2c3d4e5", plan_step: "train-2", attempt: 1 };
    expect(read.slice(rows.length)).toEqual([
      { ...common, at: new Date(1000), step: 1, name: "loss", value: 1 },
      { ...common, at: new Date(2000), step: 2, name: "loss", value: 0.5 },
      { ...common, at: new Date(3000), step: 3, name: "loss", value: NaN },
      { ...common, at: new Date(4000), step: null, name: 'a "b", <c>', value: 7 },
    ]);
  });

  test("refuses what it cannot write, or has nothing for", async () => {
    await rig.daemon({ "run.metrics": twoSteps });
    const other = await rig.run(["metrics", "last", "--plot", "chart.gif"]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("ends in .svg or .png");
    const nowhere = await rig.run(["metrics", "last", "--plot", "/nowhere/chart.svg"]);
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toContain("/nowhere/chart.svg was not written");
    const nothing = await rig.run(["metrics", "last", "--name", "gain", "--plot", "x.svg"]);
    expect(nothing.code).toBe(119);
    expect(nothing.stderr).toContain("nothing was measured");
  });
});
