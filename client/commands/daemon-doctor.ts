import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { findingList } from "../render/findings.ts";
import type { Act } from "../verb.ts";

/** `doctor`: check everything unattended work needs; exits 78 when something must be fixed. */
export function define(command: Command, act: Act): void {
  command.action(() =>
    act(command, async (session) => {
      const answer = await session.link.call("daemon.doctor", {});
      if (!answer.ok) return session.refuse(answer.error);
      session.output.answer(answer.value, findingList);
      const failed = answer.value.findings.some(({ level }) => level === "fail");
      return failed ? exitCodes.configuration.code : exitCodes.success.code;
    }),
  );
}
