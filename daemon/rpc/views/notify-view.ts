import type { Teller } from "../../notify/teller.ts";
import type { MethodResult } from "../../protocol/methods.ts";

type Finding = MethodResult<"daemon.doctor">["findings"][number];
type Problem = MethodResult<"daemon.status">["health"][number];

/** The ways that fail, as the doctor says it; whether there are any is seen without a daemon, too. */
export function notifyFindings(teller: Teller): Finding[] {
  return problemsOf(teller).map((message) => ({
    check: "notify",
    level: "warn",
    message,
    remedy: "blutctl notify test",
  }));
}

/** The ways that fail, as the status shows them. */
export function notifyProblems(teller: Teller): Problem[] {
  return problemsOf(teller).map((problem) => ({ part: "notify", problem }));
}

function problemsOf(teller: Teller): string[] {
  return Object.entries(teller.standing().failing).map(
    ([way, { failures, because }]) =>
      `${way} failed ${failures === 1 ? "last time" : `the last ${failures} times`}: ${because}`,
  );
}
