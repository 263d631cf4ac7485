import { escapeText } from "./escape.ts";
import { paint, type Style } from "./style.ts";
import { textWidth } from "./text-width.ts";

/** Text of any origin, safe to print, broken at spaces into lines that fit behind an indent. */
export function prose(style: Style, text: string, indent = 0): string {
  const room = style.width - indent;
  const lines: string[] = [];
  let line = "";
  for (const word of escapeText(text, style.unicode).split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer) > room) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}

/** Facts under each other, their labels in one column; a fact without a value is left out. */
export function facts(
  style: Style,
  rows: readonly (readonly [string, string | undefined])[],
): string {
  const shown = rows.filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(...shown.map(([label]) => label.length)) + 2;
  return shown
    .map(([label, value]) => paint(style, "dim", label.padEnd(width)) + (value ?? ""))
    .join("\n");
}

/** The width the values of {@link facts} are indented by. */
export function factsIndent(labels: readonly string[]): number {
  return Math.max(...labels.map((label) => label.length)) + 2;
}

/** A heading over a part of an answer. */
export function heading(style: Style, text: string): string {
  return paint(style, "bold", text);
}
