import type { Refusal } from "./refusal.ts";
import { seeHelp, type UsedVerb } from "./used-verb.ts";

/** Where a parameter comes from, as it is typed; the rest are options or arguments of the same name. */
const typed: Readonly<Record<string, string>> = {
  "memory.firstBytes": "--mem",
  memory: "--mem and --mem-max",
  "memory.ceilingBytes": "--mem-max",
  pools: "--pool",
  locks: "--lock",
  timeoutMs: "--timeout",
  softTimeoutMs: "--soft-timeout",
  sinceAt: "--since",
  states: "--state",
  forMs: "--for",
  argv: "the command",
  env: "the environment",
  run: "RUN",
  runs: "RUN",
  key: "KEY",
  keys: "KEY",
  artifact: "DIGEST",
  maxBytes: "--max-size",
  olderThanMs: "--older-than",
  untilAt: "--until",
};

interface Problem {
  readonly field: string;
  readonly message: string;
}

interface Details {
  readonly problems?: readonly Problem[];
  readonly field?: string;
}

/**
 * What the daemon refused, in the words that were typed: it names its parameters, such as
 * `run.submit: oomRetries: ...`, and a person gave `--oom-retries`. Anything else stays as it is.
 */
export function asTyped(refusal: Refusal, verb: UsedVerb): Refusal {
  if (refusal.reason !== "invalid-request") return refusal;
  const { problems, field } = Object(refusal.data) as Details;
  const [first] = problems ?? [];
  if (first === undefined) {
    // The sentence says it without the parameter's name.
    const named = `${field ?? ""}: `;
    const { message } = refusal;
    return message.startsWith(named)
      ? { ...refusal, message: message.slice(named.length) }
      : refusal;
  }
  if (/^plan\b/.test(first.field)) {
    // A plan is a file: its place in there is what can be mended.
    const more = (problems?.length ?? 0) - 1;
    const others = more === 0 ? "" : `, and ${more} more`;
    const remedy = "see its schema: blutctl recipe schema --plan";
    return { ...refusal, message: `${first.field}: ${first.message}${others}`, remedy };
  }
  // Problems of a file, which the sentence names.
  if (!refusal.message.includes(`${first.field}: `)) return refusal;
  const message = `${wordOf(first.field, verb)}: ${first.message}`;
  return { ...refusal, message, remedy: seeHelp(verb) };
}

function wordOf(path: string, { options }: UsedVerb): string {
  const [head = path] = path.split(/[.[]/);
  const kebab = head.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const option = `--${kebab}`;
  const asIs = options.includes(option) ? option : kebab.toUpperCase();
  return typed[path] ?? typed[head] ?? asIs;
}
