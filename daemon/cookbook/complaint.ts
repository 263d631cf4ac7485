import { fileURLToPath } from "node:url";
import { failure, type Failure } from "../domain/failure.ts";
import { placeIn, type Problem } from "../domain/problem.ts";

/** A cookbook that cannot be used, and where in it, as far as Node said so. */
export type CookbookFailure = Failure & { readonly problems: readonly [Problem] };

/** Refuses a cookbook for this reason. */
export function unusable(file: string, problem: Problem): CookbookFailure {
  const sentence = `${placeIn(file, problem)} cannot be used: ${problem.message}`;
  const remedy = `correct it, then: blutctl recipe check ${file}`;
  const refused = failure("cookbook-failed", sentence, remedy, { data: { file } });
  return { ...refused, problems: [problem] };
}

/** What Node printed of an error that nobody caught: its message, at the first place that is not blut's own. */
export function complaintOf(printed: string, file: string): Problem | undefined {
  const lines = printed.split("\n");
  const said = lines.find((line) => /^\w*Error\b/.test(line));
  if (said === undefined) return undefined;
  const message = said.replace(/^Error: /, "").slice(0, 500);
  const places = lines.flatMap(placesIn).filter((place) => !place.file.startsWith(ownDirectory));
  // The line above the stack has no column.
  const place = places.find(({ column }) => column !== undefined) ?? places[0];
  if (place === undefined) return { field: "", message };
  const { file: where, line, column = 1 } = place;
  return where === file
    ? { field: "", message, line, column }
    : { field: "", message: `${placeIn(where, place)}: ${message}` };
}

const ownDirectory = fileURLToPath(new URL("..", import.meta.url));
const placed = /^(?:\s+at (?:.*\()?(?:async )?)?(file:\/\/)?(\/.*?):(\d+)(?::(\d+))?\)?$/;

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** `file:///x/words.ts:3`, or a line of a stack that ends so. */
function placesIn(text: string): Place[] {
  const [, scheme, where, line, column] = placed.exec(text) ?? [];
  if (where === undefined) return [];
  const file = scheme === undefined ? where : decoded(where);
  return [{ file, line: Number(line), ...(column !== undefined && { column: Number(column) }) }];
}

/** What somebody printed need not be a URL that can be decoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return text;
  }
}
