import { resolve } from "node:path";
import type { Command } from "commander";
import type { Params } from "../../daemon/protocol/methods.ts";
import { err, ok, type Result } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import { readText } from "../recipe-reference.ts";
import { usage, type Refusal } from "../refusal.ts";
import { planView } from "../render/plan-view.ts";
import type { Act } from "../verb.ts";

type Ask = Params<"plan.inspect">;

/** `plan inspect`: what a stored plan, or one in a file, would do now. */
export function define(command: Command, act: Act): void {
  command.description(
    "Show the plan of a run, or one that is written in a file, as `plan` shows that of a recipe.",
  );
  addExamples(command, "blutctl plan inspect last");
  command
    .argument("<run-or-file>", "a run, or a file of JSON with a slash or ending in .json")
    .action((word: string) =>
      act(command, async (session) => {
        const ask = await toAsk(word, session.around.cwd());
        return ask.ok
          ? session.ask("plan.inspect", ask.value, planView)
          : session.refuse(ask.error);
      }),
    );
}

async function toAsk(word: string, cwd: string): Promise<Result<Ask, Refusal>> {
  if (!word.includes("/") && !word.endsWith(".json")) return ok({ run: word });
  const text = await readText(resolve(cwd, word), word);
  if (!text.ok) return text;
  try {
    return ok({ plan: JSON.parse(text.value) as NonNullable<Ask["plan"]> });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return err(usage(`${word} is not JSON: ${why}`, "see blutctl recipe schema --plan"));
  }
}
