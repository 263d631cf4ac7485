import type { z } from "zod";
import { pathText, schemaProblems } from "../base/schema-problems.ts";
import { problemSentence, type Problem } from "../domain/problem.ts";

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
      problems.push({ field: pathText(path), message });
    }
  }
  const listed = problems.slice(0, mostListed);
  return { problems: listed, left: Math.max(0, count - listed.length) };
}

/** The problems as one sentence. */
export function sentenceOf(problems: readonly Problem[], left: number): string {
  if (problems.length === 0) return "the parameters are not what this method takes";
  return problemSentence(problems, left);
}
