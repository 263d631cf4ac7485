import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { usage } from "../refusal.ts";
import type { Act } from "../verb.ts";

interface RetryOptions {
  readonly from?: string;
  readonly only?: true;
}

/** `retry`: submit ended runs again; stdout is the new ids, one a line. */
export function define(command: Command, act: Act): void {
  command.description(
    "Submit ended runs again, each as a new run. Of a run that failed only what is left is done: results that are there stand.",
  );
  addExamples(command, "blutctl retry last", [
    "that step alone, the rest as it was",
    "blutctl retry sweep --from train-2 --only",
  ]);
  command
    .argument("<run...>", "ids, beginnings of ids, `last`, or names")
    .option("--from <step>", "do this step again and everything after it, cached or not")
    .option("--only", "with --from: that step alone, the rest stays as it was")
    .action((runs: string[], { from, only }: RetryOptions) =>
      act(command, async (session) => {
        if (only && from === undefined) {
          return session.refuse(usage("--only: it goes with --from", "name the step: --from STEP"));
        }
        const what = { runs, ...(from !== undefined && { from }), ...(only && { only }) };
        return session.ask("run.retry", what, (answer) =>
          answer.runs.map(({ id }) => id).join("\n"),
        );
      }),
    );
}
