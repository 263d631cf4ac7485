import { writeFile } from "node:fs/promises";
import path from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import { usage, type Refusal } from "../refusal.ts";
import { escapeText } from "../render/escape.ts";
import { metricsView } from "../render/metrics-view.ts";
import { runOrStep, runSelector } from "../run-selector.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";
import { given, readCount } from "./submit-options.ts";

type Metrics = MethodResult<"run.metrics">;

interface Options {
  readonly step?: string;
  readonly attempt?: number;
  readonly name?: readonly string[];
  readonly plot?: string;
  readonly export?: string;
  readonly prometheus?: true;
}

/** Points of a line that is drawn on paper, and of one on a terminal. */
const points = { file: 2000, terminal: 400 };

/** `metrics`: what stages measured, as text, as a picture or as a table for other programs. */
export function define(command: Command, act: Act): void {
  command.description(
    "Show what the stages of a run measured: the newest values as charts, or every value as a picture or a table.",
  );
  addExamples(
    command,
    "blutctl metrics last --plot loss.png",
    "blutctl metrics last --step train --export all.parquet",
    "blutctl metrics --prometheus",
  );
  command
    .argument("[run]", runOrStep)
    .option("--prometheus", "of the daemon itself instead, in Prometheus' text format")
    .option("--step <name>", "of this step alone")
    .option("--attempt <number>", "of that attempt instead of the newest", readCount)
    .option("--name <metric...>", "these metrics alone")
    .addOption(fileOption("--plot <file>", "draw a chart", [".svg", ".png"]))
    .addOption(fileOption("--export <file>", "every value there is", [".csv", ".parquet"]))
    .action((selector: string | undefined) =>
      act(command, async (session) => {
        const options = command.opts<Options>();
        if (options.prometheus) return ofDaemon(session, selector);
        if (selector === undefined) {
          const remedy = "name one, or ask for the daemon's own figures: --prometheus";
          return session.refuse(usage("metrics: of which run?", remedy));
        }
        const { attempt, plot, export: exported } = options;
        const { run, step = options.step } = runSelector(selector);
        const isForFile = (plot ?? exported) !== undefined;
        const answer = await session.link.call("run.metrics", {
          run,
          points: isForFile ? points.file : points.terminal,
          ...(isForFile && { limit: 100 }),
          ...given({ step, attempt }),
        });
        if (!answer.ok) return session.refuse(answer.error);
        return new MetricsAnswer(session, named(answer.value, options.name)).give(plot, exported);
      }),
    );
}

/** What the daemon counts of itself; no run has anything to do with it. */
async function ofDaemon(session: Session, selector: string | undefined): Promise<number> {
  if (selector !== undefined) {
    return session.refuse(usage("--prometheus: it is of no run", "leave the run out"));
  }
  return session.ask("daemon.metrics", {}, ({ text }, style) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => escapeText(line, style.unicode))
      .join("\n"),
  );
}

/** What was answered, on its way to where the caller wants it. */
class MetricsAnswer {
  readonly #session: Session;
  readonly #metrics: Metrics;

  constructor(session: Session, metrics: Metrics) {
    this.#session = session;
    this.#metrics = metrics;
  }

  async give(plot: string | undefined, exported: string | undefined): Promise<number> {
    const { output } = this.#session;
    if (plot === undefined && exported === undefined) {
      output.answer(this.#metrics, metricsView);
      return exitCodes.success.code;
    }
    if (this.#metrics.attempts.every(({ series }) => series.length === 0)) {
      return this.#session.refuse(noMetrics(this.#metrics.id));
    }
    for (const [file, write] of [
      [plot, writeChart],
      [exported, writeTable],
    ] as const) {
      if (file === undefined) continue;
      const refusal = await attempted(file, () => write(file, this.#metrics));
      if (refusal !== undefined) return this.#session.refuse(refusal);
    }
    if (this.#metrics.more) output.note("other steps have metrics, too: name one with --step");
    output.confirm({ ...(plot && { plot }), ...(exported && { export: exported }) }, (files) =>
      Object.values(files).join("\n"),
    );
    return exitCodes.success.code;
  }
}

async function writeChart(file: string, metrics: Metrics): Promise<void> {
  const { panelsOf } = await import("../chart/panels.ts");
  const { toSvg } = await import("../chart/svg.ts");
  const svg = toSvg(metrics.id, panelsOf(metrics));
  if (extension(file) === ".svg") return writeFile(file, svg);
  const { toPng } = await import("../chart/png.ts");
  return writeFile(file, await toPng(svg));
}

async function writeTable(file: string, metrics: Metrics): Promise<void> {
  const { exportedRows } = await import("../export/metric-rows.ts");
  const rows = exportedRows(metrics);
  if (extension(file) === ".csv") return (await import("../export/csv.ts")).writeCsv(file, rows);
  return (await import("../export/parquet.ts")).writeParquet(file, rows);
}

async function attempted(file: string, write: () => Promise<void>): Promise<Refusal | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return usage(`${file} was not written: ${why}`, "name a place that can be written to");
  }
}

function named(metrics: Metrics, names: readonly string[] | undefined): Metrics {
  if (names === undefined) return metrics;
  const attempts = metrics.attempts.map((attempt) => ({
    ...attempt,
    series: attempt.series.filter(({ name }) => names.includes(name)),
  }));
  return { ...metrics, attempts };
}

function noMetrics(id: string): Refusal {
  return {
    reason: "not-found",
    message: `nothing was measured in ${id}, or nothing of that name`,
    remedy: `a stage appends lines such as {"type":"metric","name":"loss","value":0.1} to $BLUT_EVENTS`,
    retryable: false,
  };
}

function fileOption(flags: string, description: string, extensions: readonly string[]): Option {
  const known = extensions.join(" or ");
  return new Option(flags, `${description} into a file, ${known}`).argParser((file: string) => {
    if (extensions.includes(extension(file))) return file;
    throw new InvalidArgumentError(`expected a file name that ends in ${known}`);
  });
}

function extension(file: string): string {
  return path.extname(file).toLowerCase();
}
