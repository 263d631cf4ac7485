import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import { testedTable } from "../render/notices.ts";
import type { Act } from "../verb.ts";

/** `notify test`: exits with 78 when a way failed, or none is set. */
export function define(command: Command, act: Act): void {
  command.description(
    "Send a test notice every way that is set, one try each, and show what came of it.",
  );
  addExamples(command, "blutctl notify test");
  command.action(() =>
    act(command, async (session) => {
      const answer = await session.link.call("notify.test", {});
      if (!answer.ok) return session.refuse(answer.error);
      session.output.answer(answer.value, testedTable);
      const { outcomes } = answer.value;
      const isTold = outcomes.length > 0 && outcomes.every(({ result }) => result !== "failed");
      return isTold ? exitCodes.success.code : exitCodes.configuration.code;
    }),
  );
}
