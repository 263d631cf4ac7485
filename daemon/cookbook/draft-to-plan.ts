import { existsSync } from "node:fs";
import path from "node:path";
import type { ArgumentSpecs, ArgumentValue } from "../domain/argument.ts";
import { elementKind, listOf, type Input, type Output, type WordPart } from "../domain/plan.ts";
import { parseDuration, parseSize } from "../domain/quantity.ts";
import type { Result } from "../domain/result.ts";
import { valueJson, valueProblem } from "../planning/arguments/value.ts";
import { clippedKey } from "../planning/calibration-key.ts";
import type { PlanDraft, StepDraft } from "./plan-builder.ts";
import type { AnyStage, Inputs } from "./stage.ts";

/** Where the cookbook is. Paths are absolute. */
export interface Kitchen {
  readonly file: string;
  /** What goes before the names of its stages in their keys. */
  readonly home: string;
  /** Everything that was loaded of the person's own: it is what its bodies do. */
  readonly sources: readonly string[];
}

/** A step as data, in the short form that the plan's schema takes. */
export type StepSpec = Readonly<Record<string, unknown>> & { readonly name: string };

/** A step with the inputs that take the artifacts of all points of a sweep. */
export interface DraftedStep {
  readonly spec: StepSpec;
  readonly gather: readonly string[];
}

/** Characters of no script, around a placeholder until the words are taken apart. */
const [open, close] = ["\u{F0000}", "\u{F0001}"];
const marker = new RegExp(`${open}([^${close}]*)${close}`, "u");

/** Turns what a recipe's plan handed over into data. Throws an `Error` that names the step and what is wrong with it. */
export function stepsOfDraft(draft: PlanDraft, kitchen: Kitchen): DraftedStep[] {
  const kinds = new Map<string, string>();
  return draft.steps.map((step) => {
    try {
      const spec = stepSpec(step, kinds, kitchen);
      const kind = step.stage.output?.kind;
      if (kind !== undefined) kinds.set(step.name, step.map === undefined ? kind : listOf(kind));
      return { spec, gather: step.isGathering === true ? Object.keys(step.inputs) : [] };
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new Error(`step ${step.name}: ${why}`, { cause: thrown });
    }
  });
}

function stepSpec(step: StepDraft, kinds: ReadonlyMap<string, string>, kitchen: Kitchen): StepSpec {
  const { stage, placement } = step;
  const { resources = {}, treatment = {}, calibrate = [] } = stage.facts;
  const args = valuesOf(stage.args as ArgumentSpecs, step.args);
  const cwd = path.dirname(kitchen.file);
  const argv = argvOf(stage, args, kitchen);
  const from = Object.values(step.inputs);
  const dimensions = calibrate.map((name) => `${name}=${String(args[name])}`);
  return {
    name: step.name,
    stage: { name: stage.name, version: stage.version },
    argv,
    cwd,
    needs: [...new Set([...from, ...(placement.after ?? [])])],
    inputs: inputsOf(step, kinds),
    ...(stage.output !== undefined && { output: outputOf(stage.output, placement.publish, cwd) }),
    args: Object.fromEntries(Object.entries(args).map(([name, value]) => [name, valueJson(value)])),
    code: [...new Set([...kitchen.sources, ...scriptsOf(stage, argv, cwd)])],
    cache: treatment.cache ?? "use",
    ...(step.map !== undefined && { map: step.map }),
    onDiverged: treatment.onDiverged ?? "ignore",
    memory: memoryOf(resources.memory),
    claims: {
      cpus: resources.cpus ?? 0,
      gpus: resources.gpus ?? 0,
      vramBytes: resources.vram === undefined ? 0 : told("vram", parseSize(resources.vram)),
      pools: resources.pools ?? {},
      locks: resources.locks ?? [],
    },
    retry: treatment.retry ?? {},
    timeouts: {
      ...lengthOf("softMs", treatment.softTimeout),
      ...lengthOf("hardMs", treatment.timeout),
      ...lengthOf("heartbeatMs", treatment.heartbeat),
    },
    calibrationKey: clippedKey([`stage ${kitchen.home}${stage.name}`, ...dimensions].join(" ")),
  };
}

/** Given values over defaults; what is missing, unknown or not allowed is an error that names it. */
function valuesOf(
  specs: ArgumentSpecs,
  given: Readonly<Record<string, ArgumentValue>>,
): Record<string, ArgumentValue> {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(specs, name));
  if (unknown !== undefined) throw new Error(`its stage has no argument ${unknown}`);
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const value = given[name] ?? spec.default;
      if (value === undefined) throw new Error(`its argument ${name} has no value`);
      const problem = valueProblem(value, spec);
      if (problem !== undefined) throw new Error(`its argument ${name}: ${problem}`);
      return [name, value];
    }),
  );
}

function argvOf(
  stage: AnyStage,
  args: Readonly<Record<string, ArgumentValue>>,
  { file }: Kitchen,
): (string | WordPart[])[] {
  if (stage.deed.command === undefined)
    return [[{ own: "node" }], [{ own: "body" }], "run", file, stage.name];
  const inputs = Object.keys(stage.inputs as Inputs).map((name) => [name, mark(`inputs.${name}`)]);
  const words = stage.deed.command({
    args,
    inputs: Object.fromEntries(inputs) as never,
    out: mark("out") as never,
    checkpoints: mark("checkpoints") as never,
  });
  return words.map(wordOf);
}

function mark(name: string): string {
  return `${open}${name}${close}`;
}

/** Takes a text with markers apart; what is between them stays text. */
function wordOf(text: string): string | WordPart[] {
  const pieces = text.split(marker);
  if (pieces.length === 1) return text;
  return pieces.flatMap((piece, i): WordPart[] => {
    if (i % 2 === 0) return piece === "" ? [] : [piece];
    if (piece.startsWith("inputs.")) return [{ input: piece.slice("inputs.".length) }];
    return [{ own: piece as "out" | "checkpoints" }];
  });
}

function inputsOf(step: StepDraft, kinds: ReadonlyMap<string, string>): Record<string, Input> {
  const wanted = step.stage.inputs as Inputs;
  const missing = Object.keys(wanted).find((name) => step.inputs[name] === undefined);
  if (missing !== undefined) throw new Error(`its input ${missing} comes from nowhere`);
  return Object.fromEntries(
    Object.entries(step.inputs).map(([name, from]) => {
      const kind = wanted[name]?.kind ?? kinds.get(from) ?? "any";
      return [name, { kind: kindIn(step, name, kind), from: { step: from } }];
    }),
  );
}

/** A plan says what comes in: a list where entries are fanned out, and each point's own where points are gathered. */
function kindIn(step: StepDraft, name: string, kind: string): string {
  if (step.isGathering === true) return elementKind(kind) ?? kind;
  return name === step.map ? listOf(kind) : kind;
}

function outputOf(
  { kind, files }: { readonly kind: string; readonly files: readonly string[] },
  publish: string | undefined,
  cwd: string,
): Output {
  return { kind, files, ...(publish !== undefined && { publish: path.resolve(cwd, publish) }) };
}

/** A script that a command names is part of what it does. */
function scriptsOf(
  { deed }: AnyStage,
  argv: readonly (string | WordPart[])[],
  cwd: string,
): string[] {
  if (deed.command === undefined) return [];
  const words = argv.slice(1).filter((word) => typeof word === "string");
  return words
    .filter((word) => /\.[A-Za-z]{1,4}$/.test(word) && !word.startsWith("-"))
    .map((word) => path.resolve(cwd, word))
    .filter((file) => existsSync(file));
}

function memoryOf(memory: string | undefined): { declaredBytes?: number } {
  return memory === undefined ? {} : { declaredBytes: told("memory", parseSize(memory)) };
}

function lengthOf(field: string, text: string | undefined): Record<string, number> {
  return text === undefined ? {} : { [field]: told(field, parseDuration(text)) };
}

function told(field: string, parsed: Result<number, string>): number {
  if (!parsed.ok) throw new Error(`${field}: ${parsed.error}`);
  return parsed.value;
}
