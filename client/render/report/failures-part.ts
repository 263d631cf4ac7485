import { escapeText } from "../escape.ts";
import { prose } from "../prose.ts";
import { paint, type Style } from "../style.ts";
import { shorten, textWidth } from "../text-width.ts";
import { causeWords, dayTime, nextCommand, plural, type Failure, type Report } from "./words.ts";

const indent = "    ";

/** Every failure that has not mended itself: what, why, and what to type. */
export function failuresPart({ failures, moreFailures, untilAt }: Report, style: Style): string {
  const open = failures.filter(({ recovered }) => !recovered);
  const lines = open.map((each) => failureLines(each, untilAt, style));
  const more =
    moreFailures === 0
      ? []
      : [`  and ${plural(moreFailures, "more kind")}: blutctl runs --state failed`];
  return [...lines, ...more].join("\n");
}

/** What failed and ended well later: good to know, nothing to do. */
export function recoveredPart({ failures, untilAt }: Report, style: Style): string {
  const mark = paint(style, "green", style.unicode ? "✓" : "+");
  return failures
    .filter(({ recovered }) => recovered)
    .map(({ name, cause, count, at }) => {
      const times = count === 1 ? "" : ` ${count} times`;
      const words = `${name}: ${causeWords(cause)}${times}, last ${dayTime(at, untilAt)}`;
      return `  ${mark} ${prose(style, words, 4)}`;
    })
    .join("\n");
}

function failureLines(failure: Failure, untilAt: number, style: Style): string {
  const { name, cause, count, at, lastLine, sentence } = failure;
  const mark = paint(style, "red", style.unicode ? "✗" : "x");
  const times = count === 1 ? "" : `, ${plural(count, "time")}`;
  const told = `${causeWords(cause)}${times}, ${dayTime(at, untilAt)}`;
  const room = style.width - textWidth(told) - 6;
  const title = shorten(escapeText(name, style.unicode), Math.max(12, room), style.unicode);
  const said = lastLine ?? sentence;
  return [
    `  ${mark} ${paint(style, "bold", title)}  ${told}`,
    `${indent}${paint(style, "dim", shorten(escapeText(said, style.unicode), style.width - 4, style.unicode))}`,
    `${indent}${nextCommand(failure)}`,
  ].join("\n");
}
