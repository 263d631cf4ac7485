import { eastAsianWidth } from "get-east-asian-width";

// The library string-width counts emoji clusters better and takes 30 ms to load; a row that is two
// cells off costs less than that on every start.

/** Cells that an escaped text takes on a terminal. */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Shortens a text to at most so many cells, saying so with an ellipsis. */
export function shorten(text: string, width: number, unicode: boolean): string {
  if (textWidth(text) <= width) return text;
  const mark = unicode ? "…" : "...";
  let kept = "";
  let left = width - mark.length;
  for (const character of text) {
    left -= characterWidth(character);
    if (left < 0) break;
    kept += character;
  }
  return kept + mark;
}

/** The same with its middle left out: of a path, the end says most. */
export function shortenMiddle(text: string, width: number, unicode: boolean): string {
  if (textWidth(text) <= width) return text;
  const head = shorten(text, Math.ceil(width / 4), unicode);
  let tail = "";
  let left = width - textWidth(head);
  for (const character of Array.from(text).reverse()) {
    left -= characterWidth(character);
    if (left < 0) break;
    tail = character + tail;
  }
  return head + tail;
}

/** An escaped text broken at spaces into lines of at most so many cells; a longer word has a line of its own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

function characterWidth(character: string): number {
  if (/[\p{Mark}\p{Default_Ignorable_Code_Point}]/u.test(character)) return 0;
  return eastAsianWidth(character.codePointAt(0) ?? 0);
}
