import type { z } from "zod";
import { didYouMean, quoted } from "./quoted.ts";

/** One thing that is wrong with a value: where in it, and what. */
export interface SchemaProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** Problems told of one issue at most: an object of a million unknown keys is one mistake. */
const mostOfOne = 50;

/** What one finding of zod means, in people's words; `noun` is what the keys of an object are called. */
export function schemaProblems(
  { schema, input, noun }: { schema: z.ZodType; input: unknown; noun: string },
  issue: Issue,
): SchemaProblem[] {
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, issue.path);
    return issue.keys.slice(0, mostOfOne).map((key) => {
      const message = `unknown ${noun}${didYouMean(key, known)}`;
      return { path: [...issue.path, key], message };
    });
  }
  const meant = branchOf(issue);
  if (meant !== undefined) {
    return meant.flatMap((inner) => schemaProblems({ schema, input, noun }, inner));
  }
  const missing = issue.code === "invalid_type" && valueAt(input, issue.path) === undefined;
  const message = sentenceOfIssue(issue).replace(/^Invalid input: /, "");
  return [{ path: issue.path, message: missing ? `is missing: ${message}` : message }];
}

/** `memory.firstBytes`, `argv[3]`; empty for the whole. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const name = quoted(String(key)).slice(1, -1);
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

/** Of several allowed shapes the one that was meant: of those whose problems lie inside the one with the fewest. */
function branchOf(issue: Issue): Issue[] | undefined {
  if (issue.code !== "invalid_union") return undefined;
  const inside = issue.errors.filter((issues) =>
    issues.every(({ code, path }) => path.length > 0 || code === "unrecognized_keys"),
  );
  const ranked = inside.toSorted((a, b) => mistakes(a) - mistakes(b));
  const [only, second] = ranked;
  if (only === undefined || (second && mistakes(second) === mistakes(only))) return undefined;
  return only.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function mistakes(issues: readonly Issue[]): number {
  return issues.reduce(
    (sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length : 1),
    0,
  );
}

/** What a person calls the types that zod knows. */
const typeWords: Partial<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "a table",
  record: "a table",
  string: "a text",
  tuple: "a list",
};

/** What zod says of types, of bounds, of empty texts and of names in a table, in people's words. */
function sentenceOfIssue(issue: Issue): string {
  switch (issue.code) {
    case "too_small":
      if (issue.origin !== "string") return `expected at least ${String(issue.minimum)}`;
      return issue.minimum === 1 && issue.message.startsWith("Too") ? "is empty" : issue.message;
    case "too_big":
      return issue.origin === "string"
        ? issue.message
        : `expected at most ${String(issue.maximum)}`;
    case "invalid_type":
      // What a schema says itself goes first.
      return issue.message.startsWith("Invalid")
        ? `expected ${typeWords[issue.expected] ?? issue.expected}`
        : issue.message;
    case "invalid_key":
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
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
  let level = unwrap([schema as Shaped]);
  for (const key of path) {
    const inner = level.flatMap(({ def }) => {
      const next = def.shape?.[String(key)] ?? def.element ?? def.valueType ?? def.rest;
      return next === undefined || next === null ? [] : [next];
    });
    level = unwrap(inner);
  }
  return level.flatMap(({ def }) => Object.keys(def.shape ?? {}));
}

/** As much of zod's structure as leads from an object to the objects inside it. */
interface Shaped {
  readonly def: ShapedDef;
}
interface ShapedDef {
  readonly shape?: Readonly<Record<string, Shaped>>;
  readonly element?: Shaped;
  readonly valueType?: Shaped;
  readonly rest?: Shaped | null;
  readonly innerType?: Shaped;
  readonly in?: Shaped;
  readonly options?: readonly Shaped[];
}

/** Through `optional`, `default`, a transform and the like to what they wrap; of a union to each branch. */
function unwrap(schemas: readonly Shaped[]): Shaped[] {
  const found: Shaped[] = [];
  const open = [...schemas];
  for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
    const { innerType, in: before, options } = schema.def;
    if (options !== undefined) open.push(...options);
    else if (innerType !== undefined || before !== undefined) {
      open.push(...[innerType ?? before].filter((each) => each !== undefined));
    } else found.push(schema);
  }
  return found;
}
