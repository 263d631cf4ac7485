import type { Command } from "commander";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { err, exitCodes, ok, type Result } from "../../daemon/protocol/units.ts";
import { askBlutd } from "../blutd-beside.ts";
import type { Refusal } from "../refusal.ts";
import { findingList } from "../render/findings.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";

type Findings = MethodResult<"daemon.doctor">;

/** `doctor`: check everything unattended work needs; the exit code is that of the worst finding. */
export function define(command: Command, act: Act): void {
  command
    .addHelpText(
      "after",
      "\nExits 0 when all is well, 1 when there is something to know, 78 when something\n" +
        "must be fixed. Without a daemon it says so, and checks what needs none.",
    )
    .action(() =>
      act(command, async (session) => {
        const answer = await examine(session);
        if (!answer.ok) return session.refuse(answer.error);
        session.output.answer(answer.value, findingList);
        return exitCodeOf(answer.value);
      }),
    );
}

/** The daemon's own findings; where none answers, what a daemon that was started here would find. */
async function examine({ link }: Session): Promise<Result<Findings, Refusal>> {
  const answer = await link.call("daemon.doctor", {});
  if (answer.ok || answer.error.reason !== "no-answer") return answer;
  const { message, remedy } = answer.error;
  const without = await askBlutd(["--check", "--json"]);
  if (!without.ok) return err(answer.error);
  const { findings } = without.value as Findings;
  return ok({ findings: [{ check: "daemon", level: "fail", message, remedy }, ...findings] });
}

function exitCodeOf({ findings }: Findings): number {
  const has = (level: Findings["findings"][number]["level"]): boolean =>
    findings.some((finding) => finding.level === level);
  if (has("fail")) return exitCodes.configuration.code;
  return has("warn") ? exitCodes.doubtful.code : exitCodes.success.code;
}
