import type { Command } from "commander";
import { exitCodes, type NoticeKind } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import type { Act } from "../verb.ts";
import { addRecipeOptions, toRecipeAsk } from "./recipe-options.ts";
import { append, given, notifyOption, readNumber } from "./submit-options.ts";

interface RunOptions {
  readonly name?: string;
  readonly priority?: number;
  readonly needs?: readonly string[];
  readonly after?: readonly string[];
  readonly failFast?: true;
  readonly pin?: true;
  readonly dedupeKey?: string;
  readonly notify?: readonly NoticeKind[];
}

/** `recipe run`: compile a recipe and queue it; stdout is the run id alone. */
export function define(command: Command, act: Act): void {
  command.description(
    "Compile a recipe and queue its plan; stdout is the run id alone. Several values of an argument make a sweep: one run, in which what does not depend on them is done once.",
  );
  addExamples(
    command,
    "blutctl recipe run digits epochs=20",
    "blutctl recipe run ./digits.toml 'lr=0.1,0.2' 'model=glob(m*)'",
  );
  addRecipeOptions(command)
    .option("--name <name>", "a name to find it by (else the recipe's)")
    .option("--priority <n>", "higher starts first (default: 0)", readNumber)
    .option("--needs <run>", "waits until this run succeeded; repeatable", append)
    .option("--after <run>", "waits until this run ended in any way; repeatable", append)
    .option("--fail-fast", "the first step that fails ends the rest")
    .option("--pin", "kept from every pruning, with what it makes")
    .option("--dedupe-key <key>", "the same key and recipe again answer with the first run")
    .option(...notifyOption)
    .action((recipe: string, overrides: string[]) =>
      act(command, async (session) => {
        const ask = await toRecipeAsk(command, { recipe, overrides }, session.around);
        if (!ask.ok) return session.refuse(ask.error);
        const { name, priority, needs, after, failFast, pin, dedupeKey, notify } =
          command.opts<RunOptions>();
        const answer = await session.link.call("recipe.run", {
          ...ask.value,
          ...given({ name, priority, failFast, dedupeKey }),
          ...(pin === true && { pinned: true }),
          ...(notify !== undefined && { notify: [...notify] }),
          needs: [...(needs ?? [])],
          after: [...(after ?? [])],
        });
        if (!answer.ok) return session.refuse(answer.error);
        const { output } = session;
        output.answer(answer.value, ({ id }) => id);
        const { points, steps, deduplicated } = answer.value;
        if (deduplicated) output.note("an earlier submit with this key answered");
        else if (points > 1) output.note(`${points} points, ${steps} steps`);
        return exitCodes.success.code;
      }),
    );
}
