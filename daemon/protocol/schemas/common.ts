import { z } from "zod";
import { containments } from "../../domain/host.ts";
import { noticeKinds } from "../../domain/notice.ts";
import { maxDurationMs, maxSizeBytes } from "../../domain/quantity.ts";
import { wireLimits } from "../limits.ts";

export const sizeBytes = z.int().min(1).max(maxSizeBytes).describe("bytes");
export const countBytes = z.int().min(0).describe("bytes");
export const durationMs = z.int().min(1).max(maxDurationMs).describe("ms");
export const instant = z.int().min(0).describe("epoch ms");

/** How attempts are held to their limit. */
export const containment = z.enum(containments);

/** Names that are safe in file names, unit names and on terminals. */
export const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
    "expected 1 to 128 letters, digits, dots, underscores or dashes, starting with a letter or digit",
  );

/** An id or a unique prefix of one, `last`, or a name: `rpc/resolve-runs.ts` says whose where several have it. */
export const selector = z.string().min(1).max(128).describe("id, unique prefix, `last` or a name");
export const selectors = z.array(selector).min(1).max(wireLimits.selectors);

/** What a person is told of a run, over what the configuration says; an empty list is nothing. */
export const notify = z
  .array(z.enum(noticeKinds))
  .max(noticeKinds.length)
  .describe("what a person is told of it; blut.toml decides when absent");

/** A calibration key, as `calibration.list` shows it. */
export const calibrationKey = z.string().min(1).max(512);

export const page = {
  limit: z.int().min(1).max(wireLimits.page).default(50),
};

export const empty = z.strictObject({});
