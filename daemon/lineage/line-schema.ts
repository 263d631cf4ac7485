import { z } from "zod";
import type { Origin } from "../domain/lineage.ts";
import type { LineageLine } from "./lines.ts";

const text = z.string().max(1024 ** 2);
const count = z.number().min(0);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const texts = z.record(text, text);
const step = z.string().min(1).max(512);

const host = z.object({
  name: text,
  cpu: text.optional(),
  cores: count,
  memoryBytes: count,
  gpus: z.array(z.object({ name: text, vramBytes: count })),
  os: text.optional(),
  kernel: text,
  systemd: text.optional(),
  drivers: texts,
  node: text,
  blut: text,
});

const attempt = z.object({
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

const git = z.object({ commit: text, branch: text.optional(), isDirty: z.boolean() });

const facts = z.object({
  stage: z.object({ name: text, version: text }),
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

const line = z.object({
  version: z.literal(1),
  runId: z.string(),
  step,
  reads: z.array(
    z.object({
      input: text,
      artifact: digest,
      kind: text,
      fromStep: text.optional(),
      fromPath: text.optional(),
    }),
  ),
  write: z
    .object({
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

const origin = z.object({ git: git.optional(), host, environment: texts });

/** Reads a line of a run's `lineage.jsonl`; undefined for anything else, whoever wrote it there. */
export function readLineageLine(source: string, runId: string): LineageLine | undefined {
  const read = line.safeParse(parsed(source));
  // The parts that are carried along as they are were written from our own types.
  return read.success && read.data.runId === runId
    ? (read.data as unknown as LineageLine)
    : undefined;
}

/** Reads an attempt's `origin.json`; undefined for anything else. */
export function readOrigin(source: string): Origin | undefined {
  const read = origin.safeParse(parsed(source));
  return read.success ? (read.data as Origin) : undefined;
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
