/** Text of any origin as XML or HTML: nothing in it may be markup, nor what XML has no place for. */
export function xml(words: string): string {
  return words
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "�")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
