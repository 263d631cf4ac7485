import { closest, distance } from "fastest-levenshtein";

/** Words longer than this are nobody's misspelling of ours. */
const longestWord = 64;

/** The word that was probably meant, or undefined when none is near. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (word.length > longestWord || words.length === 0) return undefined;
  const candidate = closest(word, words);
  return distance(word, candidate) <= Math.max(2, Math.floor(word.length / 3))
    ? candidate
    : undefined;
}

/** A foreign word as part of a message: quoted, and cut when it is long. */
export function quoted(word: string): string {
  return `\`${word.length > longestWord ? `${word.slice(0, longestWord)}...` : word}\``;
}
