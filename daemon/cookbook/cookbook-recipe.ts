import path from "node:path";
import { pathText, schemaProblems } from "../base/schema-problems.ts";
import type { ArgumentSpecs } from "../domain/argument.ts";
import type { Step } from "../domain/plan.ts";
import type { Problem } from "../domain/problem.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { Configuration } from "../planning/arguments/fingerprint.ts";
import { planOf } from "../planning/compile/compile-recipe.ts";
import type { PointDraft } from "../planning/compile/draft.ts";
import { mergePoints } from "../planning/compile/merge.ts";
import type { PlanDefaults } from "../planning/compile/step.ts";
import type { OpenRecipe } from "../planning/recipe/source.ts";
import { planSpec } from "../protocol/schemas/plan.ts";
import type { CookbookHost } from "./cookbook-host.ts";
import type { DraftedStep } from "./draft-to-plan.ts";
import type { RecipeEntry } from "./registry.ts";

/** A recipe of a cookbook: compiled in a process of its own, checked as everybody's plan is. */
export class CookbookRecipe implements OpenRecipe {
  readonly kind = "cookbook";
  readonly name: string;
  readonly file: string;
  readonly directory: string;
  readonly help: string;
  readonly args: ArgumentSpecs;
  readonly #host: CookbookHost;
  readonly #defaults: Pick<PlanDefaults, "retry" | "graceMs" | "home">;

  constructor(
    { name, help, args }: RecipeEntry,
    file: string,
    host: CookbookHost,
    defaults: Pick<PlanDefaults, "retry" | "graceMs" | "home">,
  ) {
    this.name = name;
    this.file = file;
    this.directory = path.dirname(file);
    this.help = help;
    this.args = args;
    this.#host = host;
    this.#defaults = defaults;
  }

  async drafts(
    points: readonly Configuration[],
  ): Promise<Result<readonly PointDraft[], readonly Problem[]>> {
    const compiled = await this.#host.compile(this, points, this.#defaults.home);
    if (!compiled.ok) return err(compiled.error.problems);
    const drafts: PointDraft[] = [];
    for (const drafted of compiled.value) {
      const draft = this.#draft(drafted);
      if (!draft.ok) return draft;
      drafts.push(draft.value);
    }
    return ok(drafts);
  }

  /** A cookbook is a program: a place in it is the name of the step. */
  locate(problem: Problem): Problem {
    return problem;
  }

  /** Tries it with its defaults, where there is one for every argument. */
  async check(): Promise<readonly Problem[]> {
    const defaults = Object.entries(this.args).map(([name, spec]) => [name, spec.default]);
    if (defaults.some(([, value]) => value === undefined)) return [];
    const drafts = await this.drafts([Object.fromEntries(defaults) as Configuration]);
    if (!drafts.ok) return drafts.error;
    const { name, file } = this;
    const origin = { name, file, points: {}, fingerprint: "" };
    const plan = planOf(this, mergePoints(drafts.value), origin);
    return plan.ok ? [] : plan.error;
  }

  #draft(drafted: readonly DraftedStep[]): Result<PointDraft, readonly Problem[]> {
    const steps = drafted.map(({ spec }) => ({
      ...spec,
      retry: { ...this.#defaults.retry, ...(spec["retry"] as object) },
      timeouts: { graceMs: this.#defaults.graceMs, ...(spec["timeouts"] as object) },
    }));
    const parsed = planSpec.safeParse({ steps });
    if (!parsed.success) {
      const about = { schema: planSpec, input: { steps }, noun: "key" };
      const found = parsed.error.issues.flatMap((issue) => schemaProblems(about, issue));
      return err(found.map(({ path: at, message }) => ({ field: fieldOf(at, drafted), message })));
    }
    const gathering = new Map(drafted.map(({ spec, gather }) => [spec.name, gather]));
    return ok({
      drafts: parsed.data.steps.map((step: Step) => {
        const gather = gathering.get(step.name) ?? [];
        return { step, gather, isGathering: gather.length > 0 };
      }),
    });
  }
}

/** `steps.train.claims.cpus`: the steps go by name, as in every plan's problems. */
function fieldOf(
  [steps, index, ...rest]: readonly PropertyKey[],
  drafted: readonly DraftedStep[],
): string {
  const step = typeof index === "number" ? drafted[index]?.spec.name : undefined;
  const at = [steps, step ?? index, ...rest].filter((key) => key !== undefined);
  return pathText(at);
}
