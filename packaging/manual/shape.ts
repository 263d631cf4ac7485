import { wrapped } from "../../client/render/text-width.ts";
import { branches, type Schema } from "./schema.ts";

const longestLine = 72;
/** What is left for the name in front of a type on one line. */
const roomForName = 20;

/** A schema as the types of TypeScript have it, which is shorter than a tree of terms. */
export function shapeLines(schema: Schema, indent = ""): string[] {
  return typeText(schema, indent).split("\n");
}

function typeText(schema: Schema, indent: string): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) {
    return unionText(
      schema.enum.map((each) => JSON.stringify(each)),
      indent,
    );
  }
  const union = branches(schema);
  if (union.length > 1) {
    return unionText([...new Set(union.map((each) => typeText(each, `${indent}  `)))], indent);
  }
  const { type, items, properties, additionalProperties: of } = union[0] ?? {};
  switch (type) {
    case "integer":
      return "integer";
    case "array":
      return Array.isArray(items)
        ? `[${items.map((each: Schema) => typeText(each, indent)).join(", ")}]`
        : `${grouped(typeText((items as Schema | undefined) ?? {}, indent))}[]`;
    case "object":
      if (properties !== undefined) return objectText(union[0] ?? {}, indent);
      return typeof of === "object" ? `{ [name]: ${typeText(of, indent)} }` : "object";
    case undefined:
      return "any";
    default:
      return typeof type === "object" ? type.join(" | ") : type;
  }
}

function grouped(text: string): string {
  return text.includes(" | ") && !text.startsWith("{") ? `(${text})` : text;
}

function unionText(types: readonly string[], indent: string): string {
  const line = types.join(" | ");
  if (!line.includes("\n") && indent.length + line.length < longestLine - roomForName) return line;
  return types.map((type) => `\n${indent}  | ${type}`).join("");
}

function objectText(schema: Schema, indent: string): string {
  const { properties = {}, required = [] } = schema;
  const inner = `${indent}  `;
  const members = Object.entries(properties).map(([name, of]) => {
    const optional = required.includes(name) ? "" : "?";
    return { text: `${name}${optional}: ${typeText(of, inner)}`, about: of.description ?? "" };
  });
  const line = `{ ${members.map(({ text }) => text).join(", ")} }`;
  const isPlain = members.every(({ about }) => about === "") && !line.includes("\n");
  if (isPlain && indent.length + line.length < longestLine - roomForName) return line;
  const lines = members.map(({ text, about }) => memberText(text, about, inner));
  return `{\n${lines.join("\n")}\n${indent}}`;
}

/** A member with its comment behind it, or above it where the line would be too long. */
function memberText(text: string, about: string, indent: string): string {
  if (about === "") return `${indent}${text}`;
  const behind = `${indent}${text}  // ${about}`;
  const isShort = !text.includes("\n") && behind.length <= longestLine;
  if (isShort) return behind;
  const above = wrapped(about, longestLine - indent.length - 3).map(
    (line) => `${indent}// ${line}`,
  );
  return [...above, `${indent}${text}`].join("\n");
}
