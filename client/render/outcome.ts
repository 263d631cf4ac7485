import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytes } from "./bytes.ts";
import { paint, type Style } from "./style.ts";

type Summary = MethodResult<"run.list">["runs"][number];
type State = Summary["state"];
type Outcome = NonNullable<MethodResult<"run.get">["history"][number]["outcome"]>;

/** Of an attempt, as a reason names it: `<state>/runs/<run>/<step>/<number>/out`. */
const outputDirectory = /^\/.*\/runs\/run_\w+\/[^/]+\/\d+\/out(?=[/ ])/;

/** How one attempt ended, in a few words. */
export function outcomeWords(outcome: Outcome): string {
  switch (outcome.cause) {
    case "succeeded":
      return "succeeded";
    case "failed":
      return `exit ${outcome.exitCode}`;
    case "out-of-memory":
      return `out of memory at its limit of ${formatBytes(outcome.limitBytes)}`;
    case "killed-from-outside":
      return `killed by ${killers[outcome.by]}`;
    case "timed-out":
      return outcome.which === "soft" ? "timed out (soft)" : "timed out";
    case "cancelled":
      return "cancelled";
    case "lost":
      return `lost: ${outcome.why}`;
    case "stalled":
      return "stalled";
    case "diverged":
      return `diverged: ${outcome.metric} was ${outcome.value}`;
    case "could-not-start":
      return `could not start: ${outcome.why}`;
    case "bad-output":
      return `bad output: ${outcome.why.replace(outputDirectory, "$BLUT_OUT")}`;
  }
}

const killers = {
  "box-oom": "the box's OOM killer",
  oomd: "systemd-oomd",
  stranger: "a stranger's SIGKILL",
} as const;

/** How a run ended, in the one word that tools match on; its exit code where that says it all. */
export function endWord({ end, exitCode }: Summary): string {
  if (end === undefined) return exitCode === undefined ? "" : `exit ${exitCode}`;
  if (end.kind !== "outcome") return end.kind;
  switch (end.outcome.cause) {
    case "succeeded":
      return "exit 0";
    case "failed":
      return `exit ${end.outcome.exitCode}`;
    case "killed-from-outside":
      return `killed by ${end.outcome.by}`;
    default:
      return end.outcome.cause;
  }
}

/** Colours a state, or anything said about a run in that state. */
export function paintState(style: Style, text: string, state: State): string {
  switch (state) {
    case "queued":
      return paint(style, "yellow", text);
    case "running":
      return paint(style, "cyan", text);
    case "succeeded":
      return paint(style, "green", text);
    case "failed":
      return paint(style, "red", text);
    case "cancelled":
      return paint(style, "dim", text);
  }
}
