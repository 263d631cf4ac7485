import { escapeText } from "./escape.ts";
import { paint, type Style } from "./style.ts";
import { wrapped } from "./text-width.ts";

/** Text of any origin, safe to print, broken at spaces into lines that fit behind an indent. */
export function prose(style: Style, text: string, indent = 0): string {
  const lines = wrapped(escapeText(text, style.unicode), style.width - indent);
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** A label and what it says: text of any origin, or what is drawn and safe already. */
export type Fact = readonly [label: string, value: string | { readonly drawn: string }];

/** Facts under each other, their labels in one column, long texts wrapped in theirs; one without a value is left out. */
export function facts(style: Style, rows: readonly Fact[]): string {
  const shown = rows.filter(([, value]) => value !== "");
  const width = Math.max(...shown.map(([label]) => label.length)) + 2;
  return shown
    .map(([label, value]) => {
      const said = typeof value === "string" ? prose(style, value, width) : value.drawn;
      return paint(style, "dim", label.padEnd(width)) + said;
    })
    .join("\n");
}

/** A heading over a part of an answer. */
export function heading(style: Style, text: string): string {
  return paint(style, "bold", text);
}
