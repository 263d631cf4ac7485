import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import { dueInstants } from "../render/schedule.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";

/** `schedule fire`: start it now; stdout is the run id alone. */
export function define(command: Command, act: Act): void {
  command.description("Start what a schedule starts, now; stdout is the run id alone.");
  addExamples(command, 'blutctl wait "$(blutctl schedule fire nightly)"');
  command
    .argument("<name>", "as `schedule list` shows it")
    .option("--due", "only what its clock says by now; for timers of systemd")
    .action((name: string) =>
      act(command, (session) => {
        const { due } = command.opts<{ due?: true }>();
        if (due === true) return fireDue(session, name);
        return session.ask("schedule.fire", { name }, ({ runId }) => runId);
      }),
    );
}

async function fireDue(session: Session, name: string): Promise<number> {
  const answer = await session.link.call("schedule.due", { name });
  if (!answer.ok) return session.refuse(answer.error);
  const { output } = session;
  if (output.json) output.value(answer.value);
  else if (answer.value.instants.length === 0) output.note("nothing is due");
  else output.answer(answer.value, dueInstants);
  return exitCodes.success.code;
}
