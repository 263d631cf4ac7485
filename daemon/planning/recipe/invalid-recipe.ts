import { failure, type Failure } from "../../domain/failure.ts";
import { problemSentence, type Problem } from "../../domain/problem.ts";

/** A refusal with everything that is wrong with a recipe. */
export function invalidRecipe(file: string, problems: readonly Problem[]): Failure {
  const [first] = problems;
  const at = first?.line === undefined ? "" : `:${first.line}:${first.column ?? 1}`;
  const message = `${file}${at}: ${problemSentence(problems)}`;
  const remedy = `correct it; all at once: blutctl recipe check ${file}`;
  return failure("invalid-recipe", message, remedy, { data: { file }, problems });
}
