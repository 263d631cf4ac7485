import { nearest } from "./nearest.ts";

const mostShown = 64;

/** A foreign word as part of a message: quoted, and cut when it is long. */
export function quoted(word: string): string {
  return `\`${word.length > mostShown ? `${word.slice(0, mostShown)}...` : word}\``;
}

/** What to say after a word that is not one of the known: which of them was meant, if that can be told. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined ? "" : `; did you mean \`${meant}\`?`;
}
