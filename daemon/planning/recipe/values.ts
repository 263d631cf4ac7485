import { z } from "zod";
import { parseDuration, parseSize } from "../../domain/quantity.ts";
import type { Result } from "../../domain/result.ts";

const expected = (what: string) => ({ error: `expected ${what}` });

/** A text by one of our own grammars; its sentence becomes the problem's. */
function grammar(parse: (text: string) => Result<number, string>, what: string) {
  return z.string(expected(what)).transform((text, context) => {
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: "custom", message: parsed.error });
    return z.NEVER;
  });
}

/** `512M`, `8GiB`; to bytes. A bare number would be one whose unit was left out. */
export const size = grammar(parseSize, "a size such as 512M or 2G").meta({
  title: "a size such as 512M",
  examples: ["512M", "2G"],
});

/** `90s`, `1h30m`; to ms. */
export const duration = grammar(parseDuration, "a duration such as 90s or 1h30m").meta({
  title: "a duration such as 10m",
  examples: ["90s", "10m", "1h30m"],
});

/** A whole number between these. */
export function whole(least: number, most: number) {
  return z.int(expected("a whole number")).min(least).max(most);
}

/** A text that is not empty and that the kernel takes. */
export function text(what: string) {
  return z
    .string(expected(what))
    .min(1)
    .max(128 * 1024 - 1)
    .refine((given) => !given.includes("\0"), "a NUL byte cannot be part of it")
    .meta({ title: what });
}

/** A name of pools and locks. */
export const claimName = z
  .string(expected("a name"))
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "expected a name: letters, digits, dots, _ or -")
  .meta({ title: "a name" });

/** No dots: a step's name is a key of TOML, and a dot with digits names an element of a map. */
export const stepName = z
  .string(expected("the name of a step"))
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, "expected a name: letters, digits, _ or -")
  .meta({ title: "the name of a step" });

/** Name of an input. */
export const inputName = z
  .string(expected("the name of an input"))
  .regex(
    /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/,
    "expected a name: letters, digits, _ or -, no digit first",
  )
  .meta({ title: "the name of an input" });

const kindText = /^(?:list<){0,4}[A-Za-z][A-Za-z0-9_./-]{0,63}>{0,4}$/;

/** Kind of an artifact. */
export const kind = z
  .string(expected("a kind such as table or list<table>"))
  .refine(
    (given) => given.split("list<").length === given.split(">").length && kindText.test(given),
    "expected a kind: a word such as table, or list<table>",
  )
  .meta({ title: "a kind such as table or list<table>" });
