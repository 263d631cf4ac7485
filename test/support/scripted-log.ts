import type { MethodResult, ParsedParams } from "../../daemon/protocol/methods.ts";

/** One attempt's log as it stands: what was written to each stream, and whether the attempt is over. */
export interface WrittenLog {
  readonly stdout: string;
  readonly stderr?: string;
  readonly isOver: boolean;
}

/** Answers `run.log` as the daemon does, from the attempts there are (the first is number 1). */
export function logAnswer(
  params: ParsedParams<"run.log">,
  attempts: readonly WrittenLog[],
  isRunOver: boolean,
): MethodResult<"run.log"> {
  const number = params.attempt ?? attempts.length;
  const log = attempts[number - 1];
  if (log === undefined) {
    return { attempt: 0, base64: "", offset: 0, next: 0, dropped: 0, ended: isRunOver };
  }
  const all = Buffer.from(log[params.stream] ?? "");
  const asked = params.offset ?? 0;
  const offset = asked < 0 ? Math.max(0, all.length + asked) : Math.min(asked, all.length);
  const bytes = all.subarray(offset, offset + params.limit);
  const next = offset + bytes.length;
  const isOver = params.attempt === undefined ? isRunOver : log.isOver;
  const ended = isOver && next === all.length;
  return { attempt: number, base64: bytes.toString("base64"), offset, next, dropped: 0, ended };
}
