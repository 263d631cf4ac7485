import { nearest as nearestOf } from "../config/nearest.ts";

/** Words longer than this are nobody's misspelling of ours. */
const longestWord = 64;

/** The word that was probably meant, or undefined when none is near. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  return word.length > longestWord ? undefined : nearestOf(word, words);
}

/** A foreign word as part of a message: quoted, and cut when it is long. */
export function quoted(word: string): string {
  return `\`${word.length > longestWord ? `${word.slice(0, longestWord)}...` : word}\``;
}
