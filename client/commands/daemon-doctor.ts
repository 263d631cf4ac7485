import type { Command } from "commander";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { askBlutd } from "../blutd-beside.ts";
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
        const findings = await examine(session);
        session.output.answer(findings, findingList);
        return exitCodeOf(findings);
      }),
    );
}

/** The daemon's own findings; where none answers or it cannot start, what one that was started here would find. */
async function examine({ link }: Session): Promise<Findings> {
  const answer = await link.call("daemon.doctor", {});
  if (answer.ok) return answer.value;
  const { message, remedy } = answer.error;
  const without = await askBlutd(["--check", "--json"]);
  const { findings } = without.ok ? (without.value as Findings) : { findings: [] };
  return { findings: [{ check: "daemon", level: "fail", message, remedy }, ...findings] };
}

function exitCodeOf({ findings }: Findings): number {
  const has = (level: Findings["findings"][number]["level"]): boolean =>
    findings.some((finding) => finding.level === level);
  if (has("fail")) return exitCodes.configuration.code;
  return has("warn") ? exitCodes.doubtful.code : exitCodes.success.code;
}
