import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { planView } from "../render/plan-view.ts";
import { verbGroup } from "../verb-group.ts";
import type { Act, FindVerb } from "../verb.ts";
import * as inspect from "./plan-inspect.ts";
import { addRecipeOptions, toRecipeAsk } from "./recipe-options.ts";
import * as resume from "./run-retry.ts";

const stored = verbGroup([
  {
    name: "inspect",
    summary: "the same of a run's plan, or of one in a file",
    define: inspect.define,
  },
  {
    name: "resume",
    summary: "run it again from where it ended, as `retry` does",
    define: resume.define,
  },
]);

/** `plan`: what a recipe would do, without doing it; `inspect` and `resume` take plans that are stored. */
export function define(command: Command, act: Act, find: FindVerb): void {
  command.description(
    "Show what a recipe would do, and do nothing: its steps, which results are there already and why others are not, what the rest takes, whether it fits.",
  );
  addExamples(command, "blutctl plan digits 'lr=0.1,0.2'");
  addRecipeOptions(command).action((recipe: string, overrides: string[]) =>
    act(command, async (session) => {
      const ask = await toRecipeAsk(command, { recipe, overrides }, session.around);
      if (!ask.ok) return session.refuse(ask.error);
      return session.ask("recipe.plan", ask.value, planView);
    }),
  );
  stored(command, act, find);
}
