import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { verifiedTable } from "../render/cache.ts";
import type { Act } from "../verb.ts";

/** `cache verify`: read everything; exits with 117 when something was not as it was made. */
export function define(command: Command, act: Act): void {
  command.description(
    "Read every artifact and compare it with its digest. One that is not as it was made is named and taken out of the cache.",
  );
  command.action(() =>
    act(command, async (session) => {
      const answer = await session.link.call("cache.verify", {});
      if (!answer.ok) return session.refuse(answer.error);
      session.output.answer(answer.value, verifiedTable);
      return answer.value.rotten.length === 0 ? exitCodes.success.code : exitCodes.badInput.code;
    }),
  );
}
