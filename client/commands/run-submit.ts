import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import type { Act } from "../verb.ts";
import { addSubmitOptions, toSubmitParams } from "./submit-options.ts";

/** `submit`: queue a command; stdout is the run id alone. */
export function define(command: Command, act: Act): void {
  addSubmitOptions(command)
    .description(
      "Queue a command and print the id of its run, alone, on stdout. The daemon has it on disk by " +
        "then: it runs as soon as it fits, in a scope of its own with a memory limit that the " +
        "kernel holds it to.",
    )
    .action((argv: [string, ...string[]]) =>
      act(command, async (session) => {
        const params = toSubmitParams(command, argv, session.around);
        const answer = await session.link.call("run.submit", params);
        if (!answer.ok) return session.refuse(answer.error);
        const { output } = session;
        if (output.json) output.value(answer.value);
        else output.result(answer.value.id);
        if (answer.value.deduplicated) output.note("an earlier submit with this key answered");
        return exitCodes.success.code;
      }),
    );
  addExamples(
    command,
    "blutctl submit --name encode -- ./encode.sh big.wav",
    [
      "at most 16G, on one GPU, after last night's run",
      "blutctl submit --mem-max 16G --gpus 1 --needs nightly -- python3 train.py",
    ],
    ["a pipe needs a shell", "blutctl submit -- sh -c 'zcat log.gz | sort > sorted'"],
  );
}
