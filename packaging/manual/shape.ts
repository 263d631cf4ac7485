import { wrapped } from "../../client/render/text-width.ts";
import type { Schema } from "./schema.ts";

const longestLine = 72;
/** What is left for the name in front of a type on one line. */
const roomForName = 20;
/** An object with fewer members than these is not recognised as the begin of another. */
const fewestShared = 4;

/** Writes schemas as the types of TypeScript are written, which is shorter than a tree of terms. */
export class ShapeBook {
  /** Those that are written once and then called by their name. */
  readonly #named: readonly NamedShape[];

  constructor(named: Readonly<Record<string, Schema>>) {
    this.#named = Object.entries(named).map(([name, schema]) => ({
      ...{ name, schema, text: textOf(schema) },
    }));
  }

  /** A schema as lines. */
  lines(schema: Schema): string[] {
    return this.#type(schema, "").split("\n");
  }

  /** Every named one, by name. */
  named(): [name: string, lines: string[]][] {
    return this.#named
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, schema }) => [name, this.#whole(schema, "").split("\n")]);
  }

  #type(schema: Schema, indent: string): string {
    const text = textOf(schema);
    return this.#named.find((each) => each.text === text)?.name ?? this.#whole(schema, indent);
  }

  #whole(schema: Schema, indent: string): string {
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    const words = schema.enum?.map((each) => JSON.stringify(each));
    const union = schema.anyOf ?? schema.oneOf;
    const types = words ?? union?.map((each) => this.#type(each, `${indent}  `)) ?? [];
    if (types.length === 0) return this.#plain(schema, indent);
    return types.length > 1 ? unionText([...new Set(types)], indent) : (types[0] ?? "");
  }

  #plain(schema: Schema, indent: string): string {
    const { type, properties, additionalProperties: of } = schema;
    switch (type) {
      case "array":
        return this.#list(schema, indent);
      case "object":
        if (properties !== undefined) return this.#object(schema, indent);
        return typeof of === "object" ? `{ [name]: ${this.#type(of, indent)} }` : "object";
      case undefined:
        return "any";
      default:
        return typeof type === "object" ? type.join(" | ") : type;
    }
  }

  #list({ items, additionalItems: rest }: Schema, indent: string): string {
    const listed = (of: Schema): string => `${grouped(this.#type(of, indent))}[]`;
    if (!Array.isArray(items)) return listed((items as Schema | undefined) ?? {});
    const first = items.map((each: Schema) => this.#type(each, indent));
    const all = typeof rest === "object" ? [...first, `...${listed(rest)}`] : first;
    return `[${all.join(", ")}]`;
  }

  #object(schema: Schema, indent: string): string {
    const { properties = {}, required = [] } = schema;
    const base = this.#baseOf(properties);
    const shared = base?.schema.properties ?? {};
    const inner = `${indent}  `;
    const members = Object.entries(properties)
      .filter(([name]) => !Object.hasOwn(shared, name))
      .map(([name, of]) => {
        const optional = required.includes(name) ? "" : "?";
        const text = `${name}${optional}: ${this.#type(of, inner)}`;
        return { text, about: of.description ?? "" };
      });
    const isPlain = members.every(({ text, about }) => about === "" && !text.includes("\n"));
    const line = `{ ${members.map(({ text }) => text).join(", ")} }`;
    const isShort = isPlain && indent.length + line.length < longestLine - roomForName;
    const lines = members.map(({ text, about }) => memberText(text, about, inner));
    const own = isShort ? line : `{\n${lines.join("\n")}\n${indent}}`;
    return base === undefined ? own : `${base.name} & ${own}`;
  }

  /** The named object that has the most of these members, all of its own being among them. */
  #baseOf(properties: Readonly<Record<string, Schema>>): NamedShape | undefined {
    const size = ({ schema }: NamedShape): number => Object.keys(schema.properties ?? {}).length;
    const all = Object.keys(properties).length;
    return this.#named
      .filter(({ schema }) =>
        Object.entries(schema.properties ?? {}).every(
          ([key, of]) => JSON.stringify(properties[key]) === JSON.stringify(of),
        ),
      )
      .filter((shape) => size(shape) >= fewestShared && size(shape) < all)
      .toSorted((a, b) => size(b) - size(a))[0];
  }
}

interface NamedShape {
  readonly name: string;
  readonly schema: Schema;
  readonly text: string;
}

/** A schema to compare: without what one use of it is for. */
function textOf(schema: Schema): string {
  return JSON.stringify({
    ...schema,
    $schema: undefined,
    description: undefined,
    default: undefined,
  });
}

function grouped(text: string): string {
  return / [|&] /.test(text) && !text.startsWith("{") ? `(${text})` : text;
}

function unionText(types: readonly string[], indent: string): string {
  const line = types.join(" | ");
  if (!line.includes("\n") && indent.length + line.length < longestLine - roomForName) return line;
  return types.map((type) => `\n${indent}  | ${type}`).join("");
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
