import { escapeText } from "./escape.ts";
import type { Style } from "./style.ts";

/** One thing that is wrong with a document, as the daemon tells it. */
export interface ListedProblem {
  readonly field: string;
  readonly message: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** `FILE:LINE:COL: message`, a line each, as compilers write them and editors read them. */
export function problemLines(
  style: Style,
  file: string,
  problems: readonly ListedProblem[],
): string[] {
  return problems.map(({ field, message, line, column }) => {
    const at = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
    return escapeText(`${at}: ${field === "" ? "" : `${field}: `}${message}`, style.unicode);
  });
}

/** The problems behind a refusal that its sentence has no room for: all but the first. */
export function otherProblems(style: Style, data: unknown): string[] {
  const { problems, file } = Object(data) as { problems?: unknown; file?: unknown };
  if (!Array.isArray(problems)) return [];
  const listed = problems.filter(isListed).slice(1);
  if (typeof file === "string") return problemLines(style, file, listed);
  return listed.map(({ field, message }) => escapeText(`${field}: ${message}`, style.unicode));
}

function isListed(problem: unknown): problem is ListedProblem {
  return typeof problem === "object" && problem !== null && "field" in problem;
}
