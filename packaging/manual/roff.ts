import { textWidth } from "../../client/render/text-width.ts";
import type { Block, Edition, Page, Text } from "./page.ts";

/*
 * The libraries that were tried (remark-man, marked-man) have no tagged paragraphs, which options and keys
 * are made of, and lose lines that begin with a dot. Writing roff is less than mending that.
 */

const longestLine = 78;

/** A page in the man macros, for groff and mandoc alike. */
export function roffOf({ name, section, summary, blocks }: Page, edition: Edition): string {
  const { version, date } = edition;
  const lines = [
    '.\\" Written by packaging/generate.ts. Change what it is made from, then: npm run generate',
    `.TH ${name.toUpperCase()} ${section} "${date}" "blut ${version}" "blut"`,
    // Long names and paths leave short lines: those are not to be stretched.
    ".ad l",
    ".SH NAME",
    `${code(name)} \\- ${prose(summary)}`,
    ...blocks.flatMap(blockLines),
  ];
  // A heading and what leads to a paragraph have begun one already.
  const needed = lines.filter(
    (line, index) => line !== ".PP" || !/^\.(?:S[HS] |RS$)/.test(lines[index - 1] ?? ""),
  );
  return `${needed.join("\n")}\n`;
}

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case "section":
      return [`.SH ${prose(block.title)}`];
    case "part":
      return [`.SS ${code(block.title)}`];
    case "text":
      return [".PP", ...textLines(block.text)];
    case "term":
      return [".TP", lineOf(block.term), ...hanging(block.about)];
    case "item":
      return [".IP \\(bu 2", ...hanging(block.about)];
    case "literal":
      return [".PP", ...literalLines(block.lines)];
  }
}

/** What hangs behind a term: its first paragraph directly, the rest each in a paragraph as far in. */
function hanging(about: readonly Block[]): string[] {
  const [first, ...rest] = about;
  if (first === undefined) return ["\\&"];
  if (first.kind !== "text") return ["\\&", ".RS", ...about.flatMap(blockLines), ".RE"];
  const inner = rest.every(({ kind }) => kind === "text")
    ? rest.flatMap((each) => [".IP", ...blockLines(each).slice(1)])
    : [".RS", ...rest.flatMap(blockLines), ".RE"];
  return [...blockLines(first).slice(1), ...inner];
}

function literalLines(lines: readonly string[]): string[] {
  return [".EX", ...lines.map((line) => guarded(code(line))), ".EE"];
}

function lineOf(text: Text): string {
  return guarded(
    text
      .map(({ font, text: piece }) =>
        font === "roman"
          ? prose(piece)
          : `\\f${font === "bold" ? "B" : "I"}${unbroken(code(piece))}\\fR`,
      )
      .join(""),
  );
}

/** The source's own lines: broken at spaces, and after each sentence, as roff likes it. */
function textLines(text: Text): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of lineOf(text).split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && (textWidth(longer) > longestLine || /[.!?]$/.test(line))) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map(guarded);
}

/** A line of text that begins with a dot or a quote would be a request. */
function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

/** What is typed: every character as itself, to be copied. */
function code(text: string): string {
  const plain = text.replace(/[\\'`^~"-]/g, (sign) => typed[sign] ?? sign);
  return plain.replace(/[^\0-~]/gu, unicode);
}

/** Words that no hyphen is put into: names of variables and options are copied as they stand. */
function unbroken(text: string): string {
  return text.replace(/(?<=^| )(?=\S{5})/g, "\\%");
}

/** Prose: quotes may become round, and hyphens break lines, but not those of options. */
function prose(text: string): string {
  const plain = text
    .replace(/[\\^~]/g, (sign) => typed[sign] ?? sign)
    .replace(/(?<=^|[\s(])--?[a-z][\w-]*/g, (option) => unbroken(code(option)));
  return plain.replace(/[^\0-~]/gu, unicode);
}

const typed: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
  '"': "\\(dq",
  "-": "\\-",
};

function unicode(sign: string): string {
  return `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
}
