declare const holds: unique symbol;

/** Text of a `_json` column, with the type that was put in. */
export type JsonText<T> = string & { readonly [holds]: T };

/** The text to store for a value. */
export function toJson<T>(value: T): JsonText<T> {
  return JSON.stringify(value) as JsonText<T>;
}

/**
 * The value of a `_json` column. It is trusted: only {@link toJson} writes such a column, and the integrity
 * check at open refuses a damaged file.
 */
export function fromJson<T>(text: JsonText<T>): T {
  return JSON.parse(text) as T;
}
