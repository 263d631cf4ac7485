import { z } from "zod";
import type { Origin } from "../domain/lineage.ts";
import type { LineageLine } from "./lines.ts";

const text = z.string().max(1024 ** 2);
const count = z.number().min(0);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const texts = z.record(text, text);
const step = z.string().min(1).max(512);

const host = z.strictObject({
  name: text,
  cpu: text.optional(),
  cores: count,
  memoryBytes: count,
  gpus: z.array(z.strictObject({ name: text, vramBytes: count })),
  os: text.optional(),
  kernel: text,
  systemd: text.optional(),
  drivers: texts,
  node: text,
  blut: text,
});

const attempt = z.strictObject({
  attemptId: text,
  outcome: z.looseObject({ cause: text }).optional(),
  limitBytes: count,
  limitOrigin: z.looseObject({ kind: text }),
  peaks: z
    .looseObject({
      totalBytes: count.optional(),
      needBytes: count.optional(),
      cpuUsageUsec: count.optional(),
    })
    .optional(),
  tookMs: z.number().optional(),
});

const git = z.strictObject({ commit: text, branch: text.optional(), isDirty: z.boolean() });

const facts = z.strictObject({
  stage: z.strictObject({ name: text, version: text }),
  command: text,
  cwd: text,
  args: z.record(text, z.json()),
  code: text.optional(),
  env: texts,
  git: git.optional(),
  host: host.optional(),
  environment: texts.optional(),
  attempts: z.array(attempt),
  metrics: z.record(text, z.union([z.number(), text])),
});

const line = z.strictObject({
  version: z.literal(1),
  runId: z.string(),
  step,
  reads: z.array(
    z.strictObject({
      input: text,
      artifact: digest,
      kind: text,
      fromStep: text.optional(),
      fromPath: text.optional(),
    }),
  ),
  write: z
    .strictObject({
      artifact: digest,
      kind: text,
      key: text,
      attemptId: text.optional(),
      cachedFrom: text.optional(),
      at: count,
      facts,
    })
    .optional(),
});

const origin = z.strictObject({ git: git.optional(), host, environment: texts });

/**
 * Reads a line of a run's `lineage.jsonl`; undefined for anything else, whoever wrote it there. What is
 * answered is the value as it was, so that a row made of it is the row it was made from.
 */
export function readLineageLine(source: string, runId: string): LineageLine | undefined {
  const value = parsed(source);
  const read = line.safeParse(value);
  return read.success && read.data.runId === runId ? (value as LineageLine) : undefined;
}

/** Reads an attempt's `origin.json`; undefined for anything else. */
export function readOrigin(source: string): Origin | undefined {
  const value = parsed(source);
  return origin.safeParse(value).success ? (value as Origin) : undefined;
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
