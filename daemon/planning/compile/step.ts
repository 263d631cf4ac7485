import path from "node:path";
import { didYouMean } from "../../base/quoted.ts";
import type { ArgumentValue } from "../../domain/argument.ts";
import {
  listOf,
  type Input,
  type Output,
  type RetryBudget,
  type Step,
  type Word,
} from "../../domain/plan.ts";
import type { Problem } from "../../domain/problem.ts";
import { wordText } from "../../domain/word.ts";
import type { Configuration } from "../arguments/fingerprint.ts";
import { valueJson, valueText } from "../arguments/value.ts";
import { clippedKey, scriptOf } from "../calibration-key.ts";
import { filledText, wordOf, type Scope } from "../recipe/placeholders.ts";
import type { Recipe } from "../recipe/read-recipe.ts";
import type { RecipeFile, RecipeStep } from "../recipe/schema.ts";
import type { StepDraft } from "./draft.ts";
import { declaredMemory } from "./memory.ts";
import { claimsOf, retryOf, said, timeoutsOf, warnsTooLate, type Voices } from "./treatment.ts";

/** What a step gets where its recipe is silent, what it is known under, and how the compiler looks at files. */
export interface PlanDefaults {
  readonly retry: RetryBudget;
  readonly graceMs: number;
  /** What goes before the recipe's name in the keys of its steps; see `homeOf`. */
  readonly home: string;
  readonly look: (path: string) => "file" | "directory" | undefined;
}

/** Compiles the step of this name for one configuration; what is wrong is added to `problems`. */
export function draftStep(
  recipe: Recipe,
  name: string,
  {
    args,
    defaults,
    problems,
  }: { args: Configuration; defaults: PlanDefaults; problems: Problem[] },
): StepDraft {
  return new StepWriter(recipe, name, args, defaults, problems).write();
}

/** What a recipe says of a step: its own word before that of `[defaults]`. */
class StepWriter {
  readonly #recipe: Recipe;
  readonly #name: string;
  readonly #args: Configuration;
  readonly #defaults: PlanDefaults;
  readonly #problems: Problem[];
  readonly #step: RecipeStep;
  readonly #voices: Voices;
  readonly #used = new Set<string>();
  readonly #cwd: string;

  constructor(
    recipe: Recipe,
    name: string,
    args: Configuration,
    defaults: PlanDefaults,
    problems: Problem[],
  ) {
    const step = recipe.written.steps[name];
    if (step === undefined) throw new Error(`the recipe has no step ${name}`);
    this.#recipe = recipe;
    this.#name = name;
    this.#args = args;
    this.#defaults = defaults;
    this.#problems = problems;
    this.#step = step;
    this.#voices = { step, common: recipe.written.defaults };
    const cwd = said(this.#voices, "cwd");
    this.#cwd = path.resolve(recipe.directory, cwd === undefined ? "." : this.#text(cwd, ["cwd"]));
  }

  write(): StepDraft {
    const step = this.#step;
    const argv = this.#argv();
    const env = this.#env();
    const inputs = this.#inputs();
    if (warnsTooLate(this.#voices)) {
      this.#problem(["soft-timeout"], "the warning comes no earlier than the timeout");
    }
    const output = this.#output();
    const { map } = step;
    const written: Step = {
      name: this.#name,
      stage: { name: step.stage ?? `${this.#recipe.name}/${this.#name}`, version: step.version },
      argv,
      cwd: this.#cwd,
      env,
      needs: [...new Set(step.needs)],
      inputs,
      ...(output !== undefined && { output }),
      args: this.#usedArgs(),
      code: this.#code(argv),
      cache: output === undefined ? "never" : (said(this.#voices, "cache") ?? "use"),
      ...(map !== undefined && { map }),
      onDiverged: said(this.#voices, "on-diverged") ?? "ignore",
      memory: this.#memory(),
      claims: claimsOf(this.#voices),
      retry: retryOf(this.#voices, this.#defaults.retry),
      timeouts: timeoutsOf(this.#voices, this.#defaults.graceMs),
      calibrationKey: this.#calibrationKey(),
    };
    return { step: written, gather: this.#gathered(), isGathering: step.gather !== false };
  }

  #argv(): readonly [Word, ...Word[]] {
    const [program, ...rest] = this.#step.command.map((word, i) =>
      wordOf(word, this.#scope(["command", i], Object.keys(this.#step.inputs))),
    );
    if (program === undefined) throw new Error("a command without words");
    return [program, ...rest];
  }

  #env(): Record<string, string> {
    const { env } = this.#step;
    const all = { ...this.#voices.common.env, ...env };
    return Object.fromEntries(
      Object.entries(all).map(([key, value]) => [key, this.#text(value, ["env", key], true)]),
    );
  }

  #inputs(): Record<string, Input> {
    const entries = Object.entries(this.#step.inputs);
    return Object.fromEntries(entries.map(([name, input]) => [name, this.#input(name, input)]));
  }

  #input(name: string, input: RecipeStep["inputs"][string]): Input {
    if (typeof input === "string") return { kind: this.#kindOf(input), from: { step: input } };
    if ("path" in input) {
      const outside = path.resolve(this.#cwd, this.#text(input.path, ["inputs", name, "path"]));
      return { kind: input.kind, from: { path: outside } };
    }
    if ("artifact" in input) return { kind: input.kind, from: { artifact: input.artifact } };
    const { from, optional } = input;
    const more = optional === undefined ? {} : { optional };
    if (typeof from === "string") {
      return { kind: input.kind ?? this.#kindOf(from), from: { step: from, ...more } };
    }
    return {
      kind: input.kind ?? listOf(this.#kindOf(from[0] ?? "")),
      from: { steps: [...new Set(from)], ...more },
    };
  }

  /** What another step leaves; one that is not there or leaves nothing is told by the check of the plan. */
  #kindOf(step: string): string {
    const steps: RecipeFile["steps"] = this.#recipe.written.steps;
    const { output, map } = (Object.hasOwn(steps, step) ? steps[step] : undefined) ?? {};
    if (output === undefined) return "any";
    const kind = typeof output === "string" ? output : output.kind;
    return map === undefined ? kind : listOf(kind);
  }

  #output(): Output | undefined {
    const { output } = this.#step;
    if (output === undefined) return undefined;
    if (typeof output === "string") return { kind: output, files: [] };
    const { kind, files, publish } = output;
    if (publish === undefined) return { kind, files };
    const to = this.#text(publish, ["output", "publish"]);
    return { kind, files, publish: path.resolve(this.#cwd, to) };
  }

  #usedArgs(): Step["args"] {
    for (const [i, name] of this.#step.args.entries()) {
      if (Object.hasOwn(this.#recipe.args, name) || Object.hasOwn(this.#args, name)) {
        this.#used.add(name);
      } else this.#unknownArgument(name, ["args", i]);
    }
    const used = [...this.#used].sort().flatMap((name) => {
      const value = this.#valueOf(name);
      return value === undefined ? [] : [[name, valueJson(value)] as const];
    });
    return Object.fromEntries(used);
  }

  /** What is named must be there; the script that the command names counts where it is a file. */
  #code(argv: readonly [Word, ...Word[]]): string[] {
    const { look } = this.#defaults;
    const given = this.#step.code;
    if (given === undefined) {
      const [program, ...rest] = argv;
      const script = scriptOf([wordText(program), ...rest.map(wordText)]);
      const file = script === undefined ? undefined : path.resolve(this.#cwd, script);
      return file !== undefined && look(file) === "file" ? [file] : [];
    }
    return given.map((text, i) => {
      const at = ["code", i];
      const file = path.resolve(this.#cwd, this.#text(text, at));
      if (look(file) === undefined) this.#problem(at, `there is no ${file}`);
      return file;
    });
  }

  #memory(): Step["memory"] {
    const declared = declaredMemory(said(this.#voices, "memory"), this.#args);
    if (declared.ok) return declared.value;
    const { argument, message } = declared.error;
    if (Object.hasOwn(this.#recipe.args, argument)) {
      this.#problem(["memory", "per", argument], message);
    } else this.#unknownArgument(argument, ["memory", "per", argument]);
    return {};
  }

  #calibrationKey(): string {
    const dimensions = this.#step.calibrate.flatMap((name, i) => {
      const value = this.#valueOf(name);
      if (!Object.hasOwn(this.#recipe.args, name)) this.#unknownArgument(name, ["calibrate", i]);
      return value === undefined ? [] : [` ${name}=${valueText(value)}`];
    });
    const { home } = this.#defaults;
    return clippedKey(`${home}${this.#recipe.name}/${this.#name}${dimensions.join("")}`);
  }

  #gathered(): readonly string[] {
    const { gather, inputs } = this.#step;
    if (gather === false) return [];
    if (gather !== true) {
      for (const [i, name] of gather.entries()) {
        if (Object.hasOwn(inputs, name)) continue;
        const meant = didYouMean(name, Object.keys(inputs));
        this.#problem(["gather", i], `there is no input ${name}${meant}`);
      }
      return gather;
    }
    return Object.entries(inputs).flatMap(([name, input]) =>
      typeof input === "string" || "from" in input ? [name] : [],
    );
  }

  #text(text: string, at: readonly PropertyKey[], isUse = false): string {
    return filledText(text, { ...this.#scope(at, []), ...(!isUse && { onUse: () => undefined }) });
  }

  #scope(at: readonly PropertyKey[], inputs: readonly string[]): Scope {
    const declared = Object.keys(this.#recipe.args).map((name) => [name, undefined] as const);
    return {
      args: { ...Object.fromEntries(declared), ...this.#args },
      inputs,
      recipeDirectory: this.#recipe.directory,
      onUse: (argument) => void this.#used.add(argument),
      onProblem: (message) => {
        this.#problem(at, message);
      },
    };
  }

  #valueOf(name: string): ArgumentValue | undefined {
    return Object.hasOwn(this.#args, name) ? this.#args[name] : undefined;
  }

  #unknownArgument(name: string, at: readonly PropertyKey[]): void {
    const meant = didYouMean(name, Object.keys(this.#recipe.args));
    this.#problem(at, `there is no argument ${name}${meant}`);
  }

  /** What `[defaults]` said stands there. */
  #problem(at: readonly PropertyKey[], message: string): void {
    const [key = ""] = at;
    const isOwn = Object.entries(this.#step).some(([name, value]) => name === key && isSaid(value));
    const root =
      isOwn || !Object.hasOwn(this.#voices.common, key) ? ["steps", this.#name] : ["defaults"];
    this.#problems.push(this.#recipe.problemAt([...root, ...at], message));
  }
}

/** Tables that nobody wrote are empty ones. */
function isSaid(value: unknown): boolean {
  return typeof value !== "object" || value === null || Object.keys(value).length > 0;
}
