import { InvalidArgumentError, type Command } from "commander";
import type { Params } from "../../daemon/protocol/methods.ts";
import { addExamples } from "../help-text.ts";
import { scheduleLine } from "../render/schedule.ts";
import type { Act } from "../verb.ts";
import { given } from "./submit-options.ts";

type Holder = NonNullable<Params<"schedule.enable">["via"]>;

/** `schedule enable`: let it fire again, also after a pause. */
export function define(command: Command, act: Act): void {
  command.description(
    "Let a schedule fire again, whatever its file says; this also ends a pause after failures.",
  );
  addExamples(
    command,
    "blutctl schedule enable nightly",
    "blutctl schedule enable nightly --via systemd",
  );
  command
    .argument("<name>", "as `schedule list` shows it")
    .option("--via <who>", "who holds its clock from now on: systemd or blutd", readHolder)
    .addHelpText(
      "after",
      "\nsystemd holds a clock by a transient timer, also while blutd is down: its socket\n" +
        "starts blutd. This word goes over `via` in the file; disable ends the timer.",
    )
    .action((name: string) =>
      act(command, (session) => {
        const { via } = command.opts<{ via?: Holder }>();
        return session.order("schedule.enable", { name, ...given({ via }) }, scheduleLine);
      }),
    );
}

function readHolder(text: string): Holder {
  if (text === "systemd" || text === "blutd") return text;
  throw new InvalidArgumentError(`expected systemd or blutd, got ${JSON.stringify(text)}`);
}
