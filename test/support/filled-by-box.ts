import { cookbookProgram } from "../../daemon/cookbook/cookbook-host.ts";
import type { Step } from "../../daemon/domain/plan.ts";
import { filledArgv } from "../../daemon/domain/word.ts";

/** The command line of a body of a cookbook, as the box runs it; it names no directory of an attempt. */
export function filledByBox(argv: Step["argv"]): [string, ...string[]] {
  const own = { out: "", checkpoints: "", context: "" };
  return filledArgv(argv, {
    inputs: {},
    own: { ...own, node: process.execPath, body: cookbookProgram },
  });
}
