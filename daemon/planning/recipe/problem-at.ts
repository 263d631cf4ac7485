import { pathText } from "../../base/schema-problems.ts";
import type { Problem } from "../../domain/problem.ts";
import { Places } from "./places.ts";

/** Makes a problem of where in the document it is and what it is. */
export type ProblemAt = (path: readonly PropertyKey[], message: string) => Problem;

/** Knows where everything stands; the text is looked at again only when something is wrong. */
export function placing(text: string): ProblemAt {
  let places: Places | undefined;
  return (at, message) => {
    places ??= new Places(text);
    // A key that should not be there is what is wrong, not its value.
    const place = places.of(at, message.startsWith("unknown ") ? "key" : "value");
    return { field: pathText(at), message, ...place };
  };
}
