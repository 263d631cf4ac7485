import { failure, type Failure } from "../../domain/failure.ts";
import { placeIn, problemSentence, type Problem } from "../../domain/problem.ts";

/** A refusal with everything that is wrong with a recipe. */
export function invalidRecipe(file: string, problems: readonly Problem[]): Failure {
  const [first] = problems;
  const message = `${placeIn(file, first)}: ${problemSentence(problems)}`;
  const remedy = `correct it; all at once: blutctl recipe check ${file}`;
  return failure("invalid-recipe", message, remedy, { data: { file }, problems });
}
