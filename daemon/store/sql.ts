/**
 * The inside of `IN (...)` for words of our own (states of a transition table). Never for text from
 * outside: that is always bound.
 */
export function inList(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(", ");
}
