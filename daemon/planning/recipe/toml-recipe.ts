import type { ArgumentSpec, ArgumentValue } from "../../domain/argument.ts";
import type { Problem } from "../../domain/problem.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Configuration } from "../arguments/fingerprint.ts";
import { planOf } from "../compile/compile-recipe.ts";
import type { PointDraft, StepDraft } from "../compile/draft.ts";
import { mergePoints } from "../compile/merge.ts";
import { draftStep, type PlanDefaults } from "../compile/step.ts";
import { inTextOrder, type Recipe } from "./read-recipe.ts";
import type { OpenRecipe } from "./source.ts";

/** A TOML recipe that can be compiled. */
export class TomlRecipe implements OpenRecipe {
  readonly kind = "recipe";
  readonly name: string;
  readonly file: string;
  readonly directory: string;
  readonly args: OpenRecipe["args"];
  readonly help?: string;
  readonly #recipe: Recipe;
  readonly #defaults: PlanDefaults;

  constructor(recipe: Recipe, defaults: PlanDefaults) {
    const { name, file, directory, args, help } = recipe;
    this.name = name;
    this.file = file;
    this.directory = directory;
    this.args = args;
    if (help !== undefined) this.help = help;
    this.#recipe = recipe;
    this.#defaults = defaults;
  }

  drafts(
    points: readonly Configuration[],
  ): Promise<Result<readonly PointDraft[], readonly Problem[]>> {
    const all: PointDraft[] = [];
    for (const point of points) {
      const { drafts, problems } = this.#draft(point);
      if (problems.length > 0) return Promise.resolve(err(inTextOrder(problems)));
      all.push({ drafts });
    }
    return Promise.resolve(ok(all));
  }

  /** `steps.train-2.argv[1]` stands at `steps.train.command[1]`. */
  locate({ field, message }: Problem, step: string | undefined): Problem {
    const [, , ...rest] = field.split(".").flatMap((part) => {
      const [, key = part, index] = /^(.*)\[(\d+)\]$/.exec(part) ?? [];
      return index === undefined ? [key] : [key, Number(index)];
    });
    const path = rest.map((key) => (key === "argv" ? "command" : key));
    return this.#recipe.problemAt(step === undefined ? [] : ["steps", step, ...path], message);
  }

  /** Compiles it for stand-ins of its arguments: what is wrong then is wrong whatever they are. */
  check(): Promise<readonly Problem[]> {
    const stand = Object.entries(this.args).map(([name, spec]) => [name, standIn(name, spec)]);
    const { drafts, problems } = this.#draft(Object.fromEntries(stand) as Configuration);
    const { name, file } = this;
    const origin = { name, file, points: {}, fingerprint: "" };
    const plan = planOf(this, mergePoints([{ drafts }]), origin);
    const ofPlan = plan.ok ? [] : plan.error;
    return Promise.resolve(inTextOrder([...this.#recipe.faults, ...problems, ...ofPlan]));
  }

  #draft(args: Configuration): { drafts: StepDraft[]; problems: Problem[] } {
    const problems: Problem[] = [];
    const about = { args, defaults: this.#defaults, problems };
    const names = Object.keys(this.#recipe.written.steps);
    return { drafts: names.map((name) => draftStep(this.#recipe, name, about)), problems };
  }
}

/** A value that an argument may have; of a text without choices one that no other has. */
function standIn(
  name: string,
  { type, default: value, range, choices }: ArgumentSpec,
): ArgumentValue {
  const allowed = value ?? choices?.[0] ?? range?.[0];
  if (allowed !== undefined) return allowed;
  switch (type) {
    case "bool":
      return false;
    case "int":
    case "float":
      return 1;
    case "string":
    case "path":
      return `{args.${name}}`;
  }
}
