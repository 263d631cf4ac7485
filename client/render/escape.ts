/*
 * Everything a run says about itself (its name, its command, a reason, its log) is untrusted: printed
 * as it is, it could move the cursor, forge a row, set the title or make a terminal answer
 * (CVE-2021-25743). Nothing here is lost, it is only made visible.
 */

/** C0, DEL, C1, the marks that turn the reading direction, line separators, lone surrogates, BOM. */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;
/** In a terminal that is not UTF-8 the second byte of any other character can be a C1 control. */
const beyondAscii = /[^\u0020-\u007e]/gu;

/** One line of text in which nothing can act on a terminal; control characters become visible escapes. */
export function escapeText(text: string, unicode: boolean): string {
  return text.replace(unicode ? unsafe : beyondAscii, visible);
}

/** JSON that is safe on a terminal too: what JSON itself leaves raw is written as `\uXXXX`. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function visible(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`;
}
