import { z } from "zod";
import * as p from "./page.ts";

/** As much of a JSON schema as a page speaks of. */
export interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema | readonly Schema[];
  /** What follows those that `items` lists. */
  readonly additionalItems?: Schema | boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

/** What somebody writes, or is answered, by a schema. */
export function schemaOf(schema: z.ZodType, io: "input" | "output"): Schema {
  return z.toJSONSchema(schema, { target: "draft-7", io, unrepresentable: "any" }) as Schema;
}

/** The branches of a union; of anything else itself. */
export function branches({ anyOf, oneOf, ...schema }: Schema): readonly Schema[] {
  return anyOf ?? oneOf ?? [schema];
}

/** What a value must be, in a few words. */
function typeWords(schema: Schema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return oneOf(schema.enum.map(String));
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) return [...new Set(union.map(typeWords))].join(", or ");
  if (typeof schema.type === "object")
    return oneOf(schema.type.map((type) => plainWords({ type })));
  return plainWords(schema);
}

function oneOf(words: readonly string[]): string {
  return words.length === 1 ? (words[0] ?? "") : `one of ${words.join(", ")}`;
}

function plainWords({ type, items, additionalProperties: of, minimum, maximum }: Schema): string {
  switch (type) {
    case "boolean":
      return "true or false";
    case "integer":
      return `a whole number${bounds(minimum, maximum)}`;
    case "number":
      return `a number${bounds(minimum, maximum)}`;
    case "string":
      return "a text";
    case "array":
      if (items === undefined) return "a list";
      return isList(items)
        ? `[${items.map(typeWords).join(", ")}]`
        : `a list, each ${typeWords(items)}`;
    case "object":
      return typeof of === "object" ? `a table, each ${typeWords(of)}` : "a table";
    default:
      return "any value";
  }
}

/** `Array.isArray` does not see through readonly. */
function isList(items: Schema | readonly Schema[]): items is readonly Schema[] {
  return Array.isArray(items);
}

/** Bounds that a person chose; those of every whole number say nothing. */
function bounds(minimum: number | undefined, maximum: number | undefined): string {
  const least = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return `, at least ${least}`;
  return most === undefined ? "" : `, at most ${most}`;
}

/** The keys of a table, each with what it must be and is for; those of tables inside it below it. */
export function keyTerms(schema: Schema, leaveOut: readonly string[] = []): p.Block[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties)
    .filter(([key]) => !leaveOut.includes(key))
    .map(([key, inner]) => {
      const needed = required.includes(key) && inner.default === undefined ? "; required" : "";
      const name: p.Text = [p.bold(key), p.roman("  "), p.italic(`${typeWords(inner)}${needed}`)];
      const said = [p.sentence(inner.description ?? ""), presetSentence(inner.default)];
      return p.term(name, said.filter((each) => each !== "").join(" "), ...tablesIn(inner));
    });
}

/** The keys of the tables that a value may be, or that each entry of it may be. */
function tablesIn(schema: Schema): p.Block[] {
  const { additionalProperties: of } = schema;
  const union = branches(typeof of === "object" ? of : schema);
  const tables = union.filter((each) => each.properties !== undefined);
  return tables.flatMap((table) => {
    const about = table.description === undefined ? ":" : `: ${table.description}`;
    const heading = union.length > 1 ? [p.paragraph(p.sentence(`as a table${about}`))] : [];
    return [...heading, ...keyTerms(table)];
  });
}

/** What holds when a key is left out; an empty list or table says nothing. */
function presetSentence(preset: unknown): string {
  if (preset === undefined || preset === "" || preset === 0) return "";
  const text = typeof preset === "object" ? "" : JSON.stringify(preset);
  return text === "" ? "" : `Default: \`${text}\`.`;
}
