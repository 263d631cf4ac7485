import { z } from "zod";
import { formatBytes } from "../../domain/quantity.ts";
import { submitLimits } from "../limits.ts";

/** Length as the kernel counts it. */
export const bytesOf = (text: string): number => Buffer.byteLength(text);
const noNul = (text: string): boolean => !text.includes("\0");

/** One word of a command line. */
export const argument = z
  .string()
  .refine(noNul, "a NUL byte cannot be part of an argument")
  .refine(
    (a) => bytesOf(a) <= submitLimits.argBytes,
    `an argument may have at most ${submitLimits.argBytes} bytes`,
  );

/** Variables of a command. */
export const environment = z
  .record(
    z.string().regex(/^[^=\0]{1,255}$/, "a variable's name has no = and no NUL"),
    z.string().refine(noNul, "a variable's value has no NUL"),
  )
  .refine(
    (e) =>
      Object.entries(e).reduce((sum, [k, v]) => sum + bytesOf(k) + bytesOf(v) + 2, 0) <=
      submitLimits.environmentBytes,
    `the environment may have at most ${formatBytes(submitLimits.environmentBytes)}`,
  );

/** A path from the root. */
export const absolutePath = z
  .string()
  .regex(/^\/[^\0]*$/, "expected an absolute path")
  .refine(
    (p) => bytesOf(p) <= submitLimits.pathBytes,
    `a path has at most ${submitLimits.pathBytes} bytes`,
  );

/** How often something is tried again. */
export const tries = z.int().min(0).max(100);
