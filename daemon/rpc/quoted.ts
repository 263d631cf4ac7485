const mostShown = 64;

/** A foreign word as part of a message: quoted, and cut when it is long. */
export function quoted(word: string): string {
  return `\`${word.length > mostShown ? `${word.slice(0, mostShown)}...` : word}\``;
}
