import { z } from "zod";
import type { AttemptId } from "../domain/ids.ts";
import { attemptFiles, readOwn } from "./attempt-files.ts";
import type { ShimRecord } from "./exit-report.ts";

const longestBytes = 4096;

const shape = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("exited"),
    status: z.int().min(0).max(255),
    told: z.literal(true).optional(),
    attempt: z.string(),
  }),
  z.strictObject({
    kind: z.literal("could-not-start"),
    why: z.string().min(1).max(200),
    attempt: z.string(),
  }),
]);

/**
 * Reads what the shim recorded. The command can write in the same directory, so anything but a small
 * regular file of ours, whole, well formed and with this attempt's id counts as absent.
 */
export function readResult(directory: string, attemptId: AttemptId): ShimRecord | undefined {
  return parseResult(readOwn(attemptFiles(directory).result, longestBytes), attemptId);
}

/** The record in a result file's text, if it is a whole one of this attempt. */
export function parseResult(
  text: string | undefined,
  attemptId: AttemptId,
): ShimRecord | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success || parsed.data.attempt !== attemptId) return undefined;
  if (parsed.data.kind === "could-not-start") {
    return { kind: "could-not-start", why: parsed.data.why };
  }
  const { status, told } = parsed.data;
  return { kind: "exited", status, ...(told && { told }) };
}
