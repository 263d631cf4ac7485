import type { Teller } from "../../notify/teller.ts";
import type { MethodResult } from "../../protocol/methods.ts";

type Finding = MethodResult<"daemon.doctor">["findings"][number];
type Problem = MethodResult<"daemon.status">["health"][number];

/** Whether somebody hears of what fails; a box where nobody does is told so, and is no worse for it. */
export function notifyFindings(teller: Teller): Finding[] {
  const { ways } = teller.standing();
  const check = "notify";
  const failing = problemsOf(teller).map((message): Finding => ({
    check,
    level: "warn",
    message,
    remedy: "blutctl notify test",
  }));
  if (failing.length > 0) return failing;
  const message =
    ways.length === 0
      ? "nobody is told of failures; [notify] in blut.toml names a command, a webhook or the desktop"
      : `failures are told by ${ways.join(", ")}`;
  return [{ check, level: "ok", message }];
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
