import type { Command } from "commander";
import { addGlobals } from "../globals.ts";
import { planView } from "../render/plan-view.ts";
import type { Act, FindVerb } from "../verb.ts";
import * as inspect from "./plan-inspect.ts";
import { addRecipeOptions, toRecipeAsk } from "./recipe-options.ts";
import * as resume from "./run-retry.ts";

/** `plan`: what a recipe would do, without doing it; `inspect` and `resume` take plans that are stored. */
export function define(command: Command, act: Act, find: FindVerb): void {
  addRecipeOptions(command).action((recipe: string, overrides: string[]) =>
    act(command, async (session) => {
      const ask = await toRecipeAsk(command, { recipe, overrides }, session.around);
      if (!ask.ok) return session.refuse(ask.error);
      return session.ask("recipe.plan", ask.value, planView);
    }),
  );
  command.helpCommand(false);
  const stored = [
    { name: "inspect", summary: "the same of a run's plan, or of one in a file", ...inspect },
    { name: "resume", summary: "run it again from where it ended, as `retry` does", ...resume },
  ];
  for (const part of stored) {
    const inner = command.command(part.name).description(part.summary);
    const defineVerb: (command: Command, act: Act, find: FindVerb) => void = part.define;
    defineVerb(inner, act, find);
    addGlobals(inner);
  }
}
