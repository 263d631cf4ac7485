import type { z } from "zod";
import { pathText, schemaProblems } from "../base/schema-problems.ts";

/** One thing that is wrong with a request's parameters. */
export interface Problem {
  /** Such as `memory.firstBytes` or `argv[3]`; empty for the parameters as a whole. */
  readonly path: string;
  readonly message: string;
}

/** Problems named in one answer; the rest are counted. */
const mostListed = 50;

/** Everything that is wrong, in people's words; `left` counts what the list has no room for. */
export function problemsOf(
  schema: z.ZodType,
  input: unknown,
  issues: readonly z.core.$ZodIssue[],
): { problems: Problem[]; left: number } {
  const problems: Problem[] = [];
  let count = 0;
  for (const issue of issues) {
    count += issue.code === "unrecognized_keys" ? issue.keys.length : 1;
    if (problems.length >= mostListed) continue;
    for (const { path, message } of schemaProblems({ schema, input, noun: "parameter" }, issue)) {
      problems.push({ path: pathText(path), message });
    }
  }
  const listed = problems.slice(0, mostListed);
  return { problems: listed, left: Math.max(0, count - listed.length) };
}

/** The problems as one sentence. */
export function sentenceOf(problems: readonly Problem[], left: number): string {
  const [first] = problems;
  if (first === undefined) return "the parameters are not what this method takes";
  const more = problems.length - 1 + left;
  const others = more === 0 ? "" : `, and ${more} more ${more === 1 ? "problem" : "problems"}`;
  return `${first.path === "" ? "" : `${first.path}: `}${first.message}${others}`;
}
