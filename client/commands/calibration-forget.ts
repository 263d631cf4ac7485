import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import { escapeText } from "../render/escape.ts";
import type { Act } from "../verb.ts";

/** `calibration forget`: the next run of these keys starts as if they had never been seen. */
export function define(command: Command, act: Act): void {
  command.description("Forget what was learnt of keys, and what was pinned.");
  addExamples(command, "blutctl calibration forget train");
  command.argument("<key...>", "as `calibration list` shows them").action((keys: string[]) =>
    act(command, async (session) => {
      const answer = await session.link.call("calibration.forget", { keys });
      if (!answer.ok) return session.refuse(answer.error);
      const { forgotten } = answer.value;
      session.output.confirm(answer.value, (_, style) =>
        forgotten.length === 0
          ? "Nothing to forget: no such key. `blutctl calibration list` shows them."
          : forgotten.map((key) => `forgot ${escapeText(key, style.unicode)}`).join("\n"),
      );
      return forgotten.length === 0 ? exitCodes.nothingMatched.code : exitCodes.success.code;
    }),
  );
}
