/** A piece of a line in one font. */
export interface Span {
  readonly font: "roman" | "bold" | "italic";
  readonly text: string;
}
export type Text = readonly Span[];

/** What a page is made of, whatever it is made from. */
export type Block =
  | { readonly kind: "section" | "part"; readonly title: string }
  | { readonly kind: "text"; readonly text: Text }
  | { readonly kind: "term"; readonly term: Text; readonly about: readonly Block[] }
  | { readonly kind: "item"; readonly about: readonly Block[] }
  | { readonly kind: "literal"; readonly lines: readonly string[] };

/** One man page; its file is `NAME.SECTION`. */
export interface Page {
  readonly name: string;
  readonly section: 1 | 5 | 7 | 8;
  readonly summary: string;
  readonly blocks: readonly Block[];
}

/** What stands in the foot of every page; a date only where the version has one. */
export interface Edition {
  readonly version: string;
  readonly date: string;
}

export const section = (title: string): Block => ({ kind: "section", title });
export const part = (title: string): Block => ({ kind: "part", title });
export const bold = (text: string): Span => ({ font: "bold", text });
export const italic = (text: string): Span => ({ font: "italic", text });
export const roman = (text: string): Span => ({ font: "roman", text });

/** Text as summaries and descriptions have it: backticks around what is typed. */
export function told(text: string): Text {
  return text
    .split("`")
    .map((piece, index) => (index % 2 === 1 ? bold(piece) : roman(piece)))
    .filter((span) => span.text !== "");
}

/** A paragraph of such text. */
export function paragraph(text: string): Block {
  return { kind: "text", text: told(text) };
}

/** A fragment of a sentence as a sentence. */
export function sentence(text: string): string {
  if (text === "") return "";
  const first = /^[a-z]+(?:[\s,;:]|$)/.test(text) ? text.charAt(0).toUpperCase() : text.charAt(0);
  return `${first}${text.slice(1)}${/[.!?:]$/.test(text) ? "" : "."}`;
}

/** A term and what it means. */
export function term(name: Text, ...about: readonly (Block | string)[]): Block {
  const blocks = about.filter((each) => each !== "");
  return {
    kind: "term",
    term: name,
    about: blocks.map((each) => (typeof each === "string" ? paragraph(each) : each)),
  };
}
