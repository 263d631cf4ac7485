import { z } from "zod";
import { noticeKinds } from "../domain/notice.ts";
import { parseDuration, parseSize } from "../domain/quantity.ts";
import type { Result } from "../domain/result.ts";

/** An amount of memory as a person gives it: bytes, or a share of the box. */
export type Amount = { readonly bytes: number } | { readonly percent: number };

/** Text or number to a value by one of our own grammars; the sentence comes from the settings table. */
function grammar<T>(parse: (text: string) => Result<T, unknown>) {
  return z.union([z.string(), z.number()]).transform((given, context) => {
    const parsed = parse(String(given));
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: "custom", message: "malformed" });
    return z.NEVER;
  });
}

/** `512M`, `8GiB`, or a bare number of bytes; to bytes. */
export const size = grammar(parseSize);

/** `90s`, `1h30m`; to ms. A bare number has no unit and is refused. */
export const duration = grammar(parseDuration);

/** The same as `read`, or no limit at all. */
export function unlimited<T extends z.ZodType<number>>(read: T) {
  return z.union([z.literal("unlimited").transform(() => Infinity), read]);
}

/** A size, or a share of the box such as `80%`. */
export const amount = grammar((text): Result<Amount, unknown> => {
  const share = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text);
  if (share === null) {
    const bytes = parseSize(text);
    // Less than this is a number whose unit was left out: of 4 bytes no box keeps anything free.
    if (bytes.ok && bytes.value < 1024 ** 2) return { ok: false, error: "too small" };
    return bytes.ok ? { ok: true, value: { bytes: bytes.value } } : bytes;
  }
  const percent = Number(share[1]);
  return percent > 0 && percent <= 100
    ? { ok: true, value: { percent } }
    : { ok: false, error: "out of range" };
});

const numeral = z
  .string()
  .regex(/^\d{1,15}(?:\.\d{1,9})?$/)
  .transform(Number);

/** A number, or the text of one: environment and flags know only text. */
export function decimal(least: number, most: number) {
  return z.union([z.number(), numeral]).pipe(z.number().min(least).max(most));
}

/** A whole number, or the text of one. */
export function whole(least: number, most: number) {
  return z.union([z.number(), numeral]).pipe(z.int().min(least).max(most));
}

/** An absolute path, without a slash at its end. */
export const path = z
  .string()
  .max(4095)
  .regex(/^\/[^\0]*$/)
  .transform((text) => text.replace(/(?<=.)\/+$/, ""));

const poolName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
const poolSize = whole(1, 1_000_000);

/** A table of pool sizes, or `db=2,licence=1`. */
export const pools = z
  .union([
    z.record(z.string(), z.unknown()),
    z.string().transform((text) => Object.fromEntries(text.split(",").map(splitPool))),
  ])
  .pipe(z.record(poolName, poolSize));

function splitPool(item: string): [string, string] {
  const [name = "", count = ""] = item.split(/=(.*)/s);
  return [name.trim(), count.trim()];
}

/** A device as somebody describes it; without `vramBytes` it has its memory in common with the box. */
export interface NamedDevice {
  readonly name: string;
  readonly vramBytes?: number;
}

const mostDevices = 64;

/** `24G,24G`, `a=24G,b=48G`, `unified`, or `none`; a list of the same in the file. */
export const devices = z
  .union([z.string().transform((text) => text.split(",")), z.array(z.string())])
  .transform((items, context): NamedDevice[] => {
    const words = items.map((item) => item.trim());
    if (words.length === 1 && words[0] === "none") return [];
    const read = words.map(readDevice).filter((device) => device !== undefined);
    if (read.length === words.length && read.length <= mostDevices) return read;
    context.addIssue({ code: "custom", message: "malformed" });
    return z.NEVER;
  });

function readDevice(item: string): NamedDevice | undefined {
  const [, name = "GPU", memory = ""] = /^(?:([^=]{1,64})=)?([^=]+)$/.exec(item) ?? [];
  if (memory === "unified") return { name };
  const vramBytes = parseSize(memory);
  return vramBytes.ok && vramBytes.value >= 1024 ** 2
    ? { name, vramBytes: vramBytes.value }
    : undefined;
}

/** True or false, or the words for them: environment and flags know only text. */
export const yesOrNo = z.union([
  z.boolean(),
  z.enum(["true", "false"]).transform((word) => word === "true"),
]);

/** Kinds of notices: a list, or `failure,hold`; `none` is an empty one. */
export const kindsOfNotice = z
  .union([
    z.string().transform((text) => (text === "none" ? [] : text.split(",").map((w) => w.trim()))),
    z.array(z.string()),
  ])
  .pipe(z.array(z.enum(noticeKinds)))
  .transform((given) => noticeKinds.filter((kind) => given.includes(kind)));

const mostWords = 256;

/** A program with its arguments: a list of texts. A single text is a program without any, or a list as JSON. */
export const argv = z
  .union([z.string().transform(listOfText), z.array(z.string())])
  .pipe(z.tuple([z.string().min(1)], z.string()).refine((words) => words.length <= mostWords))
  .refine((words) => words.every((word) => !word.includes("\0")));

function listOfText(text: string): unknown {
  if (!text.startsWith("[")) return [text];
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where something is posted to. */
export const webAddress = z.url({ protocol: /^https?$/ }).max(2048);
