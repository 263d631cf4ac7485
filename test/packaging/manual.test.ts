import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { recipeFile } from "../../daemon/planning/recipe/schema.ts";
import { scheduleFile } from "../../daemon/timers/schedule-schema.ts";
import { generatedFiles } from "../../packaging/manual/generated.ts";
import { blocksOf } from "../../packaging/manual/markdown.ts";
import { roffOf } from "../../packaging/manual/roff.ts";
import { schemaOf, type Schema } from "../../packaging/manual/schema.ts";
import { ShapeBook } from "../../packaging/manual/shape.ts";

const home = path.join(import.meta.dirname, "../../packaging");
const files = await generatedFiles();
const pages = [...files].filter(([name]) => name.startsWith("man/"));

describe("what is generated", () => {
  it.each([...files])("%s is committed as it is now; else: npm run generate", (name, text) => {
    expect(readFileSync(path.join(home, name), "utf8")).toBe(text);
  });

  it("is all that is there", () => {
    const there = ["man", "completions"].flatMap((folder) =>
      readdirSync(path.join(home, folder)).map((name) => `${folder}/${name}`),
    );
    expect(there.toSorted()).toEqual([...files.keys()].toSorted());
  });
});

describe("a man page", () => {
  // Those that groff and mandoc take alike; a line of text that begins with a dot would be lost.
  const macros = /^\.(?:\\"|TH|SH|SS|PP|TP|IP|RS|RE|EX|EE|nh|ad)(?: |$)/;

  it.each(pages)("%s has no line that is taken for a request", (_, text) => {
    const lines = text.split("\n").filter((line) => /^[.']/.test(line));
    expect(lines.filter((line) => !macros.test(line))).toEqual([]);
  });

  it.each(pages)("%s fits a terminal of 80 columns where lines are not filled", (_, text) => {
    const examples = [...text.matchAll(/^\.EX\n(.*?)^\.EE$/gms)].flatMap(([, lines = ""]) =>
      lines.split("\n").map((line) => line.replace(/\\&/g, "").replace(/\\\(..|\\[-e]/g, "x")),
    );
    expect(examples.filter((line) => line.length > 73)).toEqual([]);
  });
});

describe("every key of", () => {
  /** Keys that are not described, `a.b` for one in a table inside. */
  const silent = (schema: Schema, path: string): string[] => {
    const { properties = {}, additionalProperties: of } = schema;
    const inside = [...(schema.anyOf ?? []), ...(typeof of === "object" ? [of] : [])];
    return [
      ...inside.flatMap((each) => silent(each, path)),
      ...Object.entries(properties).flatMap(([key, each]) => [
        ...(each.description === undefined ? [`${path}${key}`] : []),
        ...silent(each, `${path}${key}.`),
      ]),
    ];
  };

  it.each([
    { what: "a recipe", file: recipeFile },
    { what: "a schedule", file: scheduleFile },
  ])("$what says what it is for", ({ file }) => {
    expect(silent(schemaOf(file, "input"), "")).toEqual([]);
  });
});

describe("a shape", () => {
  const point = z.strictObject({ x: z.number(), y: z.number(), z: z.number(), t: z.int() });
  const book = new ShapeBook({ Point: schemaOf(point, "output") });
  const written = (schema: z.ZodType): string => book.lines(schemaOf(schema, "output")).join("\n");

  it("is written as a type, with what a member is for behind it or above it", () => {
    const shape = z.strictObject({
      state: z.enum(["on", "off"]).describe("how it stands"),
      argv: z.tuple([z.string()], z.string()).optional(),
      sizes: z.record(z.string(), z.union([z.int(), z.null()])).describe("why ".repeat(20).trim()),
    });
    expect(written(shape)).toBe(`{
  state: "on" | "off"  // how it stands
  argv?: [string, ...string[]]
  // ${"why ".repeat(16)}why
  // why why why
  sizes: { [name]: integer | null }
}`);
  });

  it("that has a name is called by it, also where more is added", () => {
    expect(written(z.array(point.describe("a place")))).toBe("Point[]");
    expect(written(z.array(point.extend({ name: z.string() })))).toBe(
      "(Point & { name: string })[]",
    );
    expect(book.named()).toEqual([["Point", ["{ x: number, y: number, z: number, t: integer }"]]]);
  });
});

describe("roff", () => {
  const rendered = (markdown: string): string[] => {
    const blocks = blocksOf(markdown);
    const page = { name: "x", section: 7, summary: "s", blocks } as const;
    return roffOf(page, { version: "1", date: "" }).split("\n").slice(5, -1);
  };

  it("keeps what is typed as it is typed, and lines that begin with a dot", () => {
    expect(rendered("# A\n\n.a 'b' \\\\ `--x='\\n'`\n\n    .y\n    'z'\n")).toEqual([
      ".SH A",
      "\\&.a 'b' \\e \\fB\\%\\-\\-x=\\(aq\\en\\(aq\\fR",
      ".PP",
      ".EX",
      "\\&.y",
      "\\(aqz\\(aq",
      ".EE",
    ]);
  });

  it("makes terms of lists whose items begin with code and a colon, bullets of others", () => {
    expect(rendered("- `a`, `b`: what\n\n  more\n- c: d\n")).toEqual([
      ".TP",
      "\\fBa\\fR, \\fBb\\fR",
      "what",
      ".IP",
      "more",
      ".IP \\(bu 2",
      "c: d",
    ]);
  });

  it("refuses what a man page cannot show", () => {
    expect(() => rendered("![x](y)")).toThrow("cannot show image");
    expect(() => rendered("> x")).toThrow("cannot show blockquote");
  });
});
