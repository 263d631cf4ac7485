import { didYouMean, quoted } from "../../base/quoted.ts";
import type { ArgumentSpec, ArgumentSpecs, ArgumentValue } from "../../domain/argument.ts";
import type { Problem } from "../../domain/problem.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Configuration } from "./fingerprint.ts";
import { parseOverride, type Override } from "./override.ts";
import { valuesOf } from "./sweep.ts";
import { placed, readValue, valueProblem } from "./value.ts";

/** Values of a configuration file, already read. */
export interface ConfigLayer {
  /** Absolute path; its directory is what paths in it are taken from. */
  readonly directory: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Where a key stands, in words: `more.toml:3:1`. */
  readonly placeOf: (key: string) => string;
}

/** Everything that arguments come from, the weakest first. */
export interface ArgumentLayers {
  readonly specs: ArgumentSpecs;
  /** What paths among the defaults are taken from. */
  readonly recipeDirectory: string;
  readonly config?: ConfigLayer | undefined;
  /** `BLUT_ARG_NAME` of it count. */
  readonly env: Readonly<Record<string, string>>;
  /** As typed: `key=value`, `+key=value`, `~key`. */
  readonly overrides: readonly string[];
  /** What paths in the environment and on the command line are taken from. */
  readonly cwd: string;
  /** Points that a sweep may have at most. */
  readonly maxTrials?: number | undefined;
}

/** A sweep without a word about its size. */
const mostPoints = 1000;

/** The variable that an argument can be given by. */
export function variableOf(key: string): string {
  return `BLUT_ARG_${key.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * The configurations that layers of arguments come to: declared defaults, then the file, then the
 * environment, then the command line. One without a sweep; with one, a point for each combination, the
 * first key of the command line changing slowest. All problems at once.
 */
export function pointsOf(layers: ArgumentLayers): Result<Configuration[], Problem[]> {
  const book = new Book(layers);
  book.takeDefaults();
  book.takeConfig();
  book.takeEnvironment();
  for (const text of layers.overrides) book.takeOverride(text);
  return book.points();
}

/** The values of every argument as layer goes over layer. */
class Book {
  readonly #layers: ArgumentLayers;
  readonly #problems: Problem[] = [];
  readonly #values = new Map<string, readonly ArgumentValue[]>();
  /** Keys that were taken away: nothing is missing of these. */
  readonly #removed = new Set<string>();

  constructor(layers: ArgumentLayers) {
    this.#layers = layers;
  }

  takeDefaults(): void {
    for (const [key, spec] of Object.entries(this.#layers.specs)) {
      const { default: value } = spec;
      if (value === undefined) continue;
      this.#values.set(key, [placed(value, spec, this.#layers.recipeDirectory)]);
    }
  }

  takeConfig(): void {
    const { config } = this.#layers;
    if (config === undefined) return;
    for (const [key, value] of Object.entries(config.values)) {
      const spec = this.#spec(key);
      const problem = spec === undefined ? this.#unknown(key) : valueProblem(value, spec);
      if (spec === undefined || problem !== undefined) {
        this.#problem(key, `${config.placeOf(key)}: ${problem ?? ""}`);
      } else {
        this.#values.set(key, [placed(value as ArgumentValue, spec, config.directory)]);
      }
    }
  }

  takeEnvironment(): void {
    for (const [key, spec] of Object.entries(this.#layers.specs)) {
      const variable = variableOf(key);
      const { env } = this.#layers;
      const text = Object.hasOwn(env, variable) ? env[variable] : undefined;
      if (text === undefined) continue;
      const read = readValue(text, spec);
      const problem = read.ok ? valueProblem(read.value, spec) : read.error;
      if (problem !== undefined) this.#problem(key, `${variable}: ${problem}`);
      else if (read.ok) this.#values.set(key, [placed(read.value, spec, this.#layers.cwd)]);
    }
  }

  takeOverride(text: string): void {
    const parsed = parseOverride(text);
    if (!parsed.ok) {
      this.#problems.push({ field: "", message: parsed.error });
      return;
    }
    const override = parsed.value;
    const { key } = override;
    const spec = this.#spec(key);
    const isKnown = spec !== undefined || this.#values.has(key);
    const mayBeNew = override.kind === "set" && override.isNew;
    if (!isKnown && !mayBeNew) this.#problem(key, this.#unknown(key));
    else if (override.kind === "remove") {
      this.#values.delete(key);
      this.#removed.add(key);
    } else this.#set(override, spec);
  }

  points(): Result<Configuration[], Problem[]> {
    for (const key of Object.keys(this.#layers.specs)) {
      if (this.#values.has(key) || this.#removed.has(key)) continue;
      // A value that was refused has its problem already.
      if (this.#problems.some(({ field }) => field === `args.${key}`)) continue;
      this.#problem(key, `it has no default, and no value was given: ${key}=VALUE`);
    }
    if (this.#problems.length > 0) return err(this.#problems);
    const count = [...this.#values.values()].reduce((product, { length }) => product * length, 1);
    const { maxTrials } = this.#layers;
    const most = maxTrials ?? mostPoints;
    if (count > most) {
      const bound =
        maxTrials === undefined
          ? `at most ${most} go without --max-trials`
          : `--max-trials allows ${most}: raise it, or name fewer values`;
      return err([{ field: "", message: `the sweep has ${count} points, and ${bound}` }]);
    }
    return ok(product([...this.#values]));
  }

  #set(override: Override & { kind: "set" }, spec: ArgumentSpec | undefined): void {
    const { key, terms } = override;
    const values = valuesOf(terms, spec);
    if (!values.ok) {
      this.#problem(key, values.error);
      return;
    }
    for (const value of values.value) {
      const problem = spec && valueProblem(value, spec);
      if (problem !== undefined) this.#problem(key, problem);
    }
    const { cwd } = this.#layers;
    // Taken out first, so that the order of a sweep is that of the command line.
    this.#values.delete(key);
    this.#values.set(
      key,
      spec === undefined ? values.value : values.value.map((value) => placed(value, spec, cwd)),
    );
  }

  #spec(key: string): ArgumentSpec | undefined {
    const { specs } = this.#layers;
    return Object.hasOwn(specs, key) ? specs[key] : undefined;
  }

  #unknown(key: string): string {
    const meant = didYouMean(key, Object.keys(this.#layers.specs));
    return `there is no argument ${quoted(key)}${meant}`;
  }

  #problem(key: string, message: string): void {
    this.#problems.push({ field: `args.${key}`, message });
  }
}

/** Every combination; the first argument changes slowest. */
function product(
  values: readonly (readonly [string, readonly ArgumentValue[]])[],
): Configuration[] {
  let points: Record<string, ArgumentValue>[] = [{}];
  for (const [key, each] of values) {
    points = points.flatMap((point) => each.map((value) => ({ ...point, [key]: value })));
  }
  return points;
}
