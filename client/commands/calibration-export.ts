import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import type { Act } from "../verb.ts";

/** `calibration export`: everything known as one JSON document on stdout, for `calibration import`. */
export function define(command: Command, act: Act): void {
  command.description("Print everything that was learnt as one JSON document.");
  addExamples(command, "blutctl calibration export > known.json");
  command.action(() =>
    act(command, async (session) => {
      const answer = await session.link.call("calibration.export", {});
      if (!answer.ok) return session.refuse(answer.error);
      session.output.value(answer.value);
      return exitCodes.success.code;
    }),
  );
}
