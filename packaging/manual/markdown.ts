import { readFileSync } from "node:fs";
import { lexer, type Token, type Tokens } from "marked";
import { bold, italic, roman, type Block, type Span, type Text } from "./page.ts";

/** What people wrote for a page: markdown whose headings are sections, and whose lists of `code`: text are terms. */
export function fragment(name: string): Block[] {
  const file = new URL(`text/${name}.md`, import.meta.url);
  return blocksOf(readFileSync(file, "utf8"));
}

/** Markdown as blocks; what a man page cannot show is refused. */
export function blocksOf(markdown: string): Block[] {
  return lexer(markdown).flatMap(blockOf);
}

function blockOf(token: Token): Block[] {
  switch (token.type) {
    case "space":
      return [];
    case "heading": {
      const { depth, text } = token as Tokens.Heading;
      return [{ kind: depth === 1 ? "section" : "part", title: text }];
    }
    case "paragraph":
    case "text":
      return [{ kind: "text", text: spansOf(token) }];
    case "code":
      return [{ kind: "literal", lines: (token as Tokens.Code).text.trimEnd().split("\n") }];
    case "list":
      return (token as Tokens.List).items.map(itemOf);
    default:
      throw new Error(`a man page cannot show ${token.type}: ${token.raw}`);
  }
}

function itemOf(item: Tokens.ListItem): Block {
  const about = item.tokens.flatMap(blockOf);
  const [first, ...rest] = about;
  if (first?.kind !== "text") return { kind: "item", about };
  const colon = first.text.findIndex(
    ({ font, text }, index) => index > 0 && font === "roman" && text.startsWith(": "),
  );
  if (colon === -1 || first.text[0]?.font !== "bold") return { kind: "item", about };
  const [after, ...more] = first.text.slice(colon);
  const text = [roman((after?.text ?? "").slice(2)), ...more];
  return {
    kind: "term",
    term: first.text.slice(0, colon),
    about: [{ kind: "text", text }, ...rest],
  };
}

function spansOf(token: Token): Text {
  const inner = "tokens" in token ? (token.tokens ?? []) : [];
  if (inner.length === 0) return [roman("text" in token ? String(token.text) : token.raw)];
  return inner.map(spanOf);
}

function spanOf(token: Token): Span {
  const text = "text" in token ? String(token.text) : token.raw;
  switch (token.type) {
    case "codespan":
    case "strong":
      return bold(text);
    case "em":
      return italic(text);
    case "text":
    case "escape":
      return roman(text);
    default:
      throw new Error(`a line of a man page cannot show ${token.type}: ${token.raw}`);
  }
}
