import type { z } from "zod";
import { didYouMean, quoted } from "./quoted.ts";

/** One thing that is wrong with a request's parameters. */
export interface Problem {
  /** Such as `memory.firstBytes` or `argv[3]`; empty for the parameters as a whole. */
  readonly path: string;
  readonly message: string;
}

/** Problems named in one answer; the rest are counted. */
const mostListed = 50;

type Issue = z.core.$ZodIssue;

/** Everything that is wrong, in people's words; `left` counts what the list has no room for. */
export function problemsOf(
  schema: z.ZodType,
  input: unknown,
  issues: readonly Issue[],
): { problems: Problem[]; left: number } {
  const problems: Problem[] = [];
  let count = 0;
  for (const issue of issues) {
    const found = issue.code === "unrecognized_keys" ? issue.keys.length : 1;
    count += found;
    if (problems.length < mostListed) problems.push(...explain(schema, input, issue));
  }
  const listed = problems.slice(0, mostListed);
  return { problems: listed, left: count - listed.length };
}

/** The problems as one sentence. */
export function sentenceOf(problems: readonly Problem[], left: number): string {
  const [first] = problems;
  if (first === undefined) return "the parameters are not what this method takes";
  const more = problems.length - 1 + left;
  const others = more === 0 ? "" : `, and ${more} more ${more === 1 ? "problem" : "problems"}`;
  return `${first.path === "" ? "" : `${first.path}: `}${first.message}${others}`;
}

function explain(schema: z.ZodType, input: unknown, issue: Issue): Problem[] {
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, issue.path);
    return issue.keys.slice(0, mostListed).map((key) => {
      const message = `unknown parameter${didYouMean(key, known)}`;
      return { path: pathText([...issue.path, key]), message };
    });
  }
  const missing = issue.code === "invalid_type" && valueAt(input, issue.path) === undefined;
  const message = missing ? `is missing: expected ${issue.expected}` : sentenceOfIssue(issue);
  return [{ path: pathText(issue.path), message: message.replace(/^Invalid input: /, "") }];
}

/** What zod says of bounds, of empty texts and of names in a table, in people's words. */
function sentenceOfIssue(issue: Issue): string {
  switch (issue.code) {
    case "too_small":
      if (issue.origin !== "string") return `expected at least ${String(issue.minimum)}`;
      return issue.minimum === 1 && issue.message.startsWith("Too") ? "is empty" : issue.message;
    case "too_big":
      return issue.origin === "string"
        ? issue.message
        : `expected at most ${String(issue.maximum)}`;
    case "invalid_key":
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const name = quoted(String(key)).slice(1, -1);
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    input,
  );
}

/** The names that an object at this path may have. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let inner: Shaped | undefined = unwrap(schema as Shaped);
  for (const key of path) {
    const def: ShapedDef | undefined = inner?.def;
    inner = unwrap(def?.shape?.[String(key)] ?? def?.element ?? def?.valueType);
  }
  return Object.keys(inner?.def.shape ?? {});
}

/** As much of zod's structure as leads from an object to the objects inside it. */
interface Shaped {
  readonly def: ShapedDef;
}
interface ShapedDef {
  readonly shape?: Readonly<Record<string, Shaped>>;
  readonly element?: Shaped;
  readonly valueType?: Shaped;
  readonly innerType?: Shaped;
}

/** Through `optional`, `default` and the like to what they wrap. */
function unwrap(schema: Shaped | undefined): Shaped | undefined {
  let inner = schema;
  while (inner?.def.innerType !== undefined) inner = inner.def.innerType;
  return inner;
}
