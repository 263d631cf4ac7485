import type { JsonValue } from "../domain/event.ts";
import { isRunId, type RunId } from "../domain/ids.ts";
import type { Facet, HostRecord, LineageWrite, StepFacts, TryFacts } from "../domain/lineage.ts";
import type { Step } from "../domain/plan.ts";
import { wordText } from "../domain/word.ts";
import type { Store } from "../store/store.ts";
import { triesOf } from "./record.ts";
import { safeEnvironment, withoutSecrets } from "./safe-environment.ts";

/** Everything known of one step, by facet and name. */
export interface Profile {
  readonly facets: Readonly<Record<Facet, Readonly<Record<string, JsonValue>>>>;
  /** How the result came about is not known: it was reused, and who made it has left nothing. */
  readonly isPartial: boolean;
}

/** A run as a comparison reads it; what its steps share is read once. */
export interface RunFacts {
  readonly runId: RunId;
  readonly environment: Readonly<Record<string, string>>;
  readonly writes: ReadonlyMap<string, LineageWrite>;
}

/** What the steps of a run have in common. */
export function runFacts(store: Store, runId: RunId): RunFacts {
  return {
    runId,
    environment: safeEnvironment(store.runs.environment(runId) ?? {}),
    writes: new Map(store.lineage.writesOfRun(runId).map((write) => [write.step, write])),
  };
}

/**
 * Everything known of a step: from its lineage, of a reused result from that of the work it stands in for, and
 * where there is none from the books.
 */
export function profileOf(store: Store, run: RunFacts, step: Step): Profile {
  const { runId, environment, writes } = run;
  const place = { runId, step: step.name };
  const write = writes.get(step.name);
  const made = write && madeBy(store, write, step.name);
  const tries = made?.attempts ?? triesOf(store, place);
  const reads = store.lineage.readsOf(place);
  const facets = {
    args: {
      command: step.argv.map(wordText).join(" "),
      cwd: step.cwd,
      stage: `${step.stage.name} ${step.stage.version}`.trim(),
      ...step.args,
    },
    code: codeOf(made),
    env: { ...(made?.environment ?? environment), ...withoutSecrets(step.env) },
    inputs: Object.fromEntries(reads.map(({ input, artifact }) => [input, artifact])),
    output: {
      state: store.steps.get(runId, step.name)?.state ?? "unknown",
      ...(write !== undefined && { artifact: write.artifact, kind: write.kind }),
    },
    metrics: made?.metrics ?? {},
    memory: memoryOf(tries),
    time: timeOf(tries),
    host: hostOf(made?.host),
  };
  return { facets, isPartial: write?.cachedFrom !== undefined && made === write.facts };
}

/** The facts of the work that a result came of. */
function madeBy(store: Store, write: LineageWrite, step: string): StepFacts {
  const { cachedFrom, key, facts } = write;
  if (cachedFrom === undefined || !isRunId(cachedFrom)) return facts;
  const original = store.lineage.writeOf({ runId: cachedFrom, step });
  return original?.key === key ? original.facts : facts;
}

function codeOf(facts: StepFacts | undefined): Record<string, JsonValue> {
  const { code, git } = facts ?? {};
  return {
    ...(code !== undefined && { digest: code }),
    ...(git !== undefined && { commit: git.commit, "uncommitted changes": git.isDirty }),
    ...(git?.branch !== undefined && { branch: git.branch }),
  };
}

function memoryOf(tries: readonly TryFacts[]): Record<string, JsonValue> {
  const last = tries.at(-1);
  if (last === undefined) return {};
  const { needBytes, totalBytes } = last.peaks ?? {};
  return {
    limit: last.limitBytes,
    ...(needBytes !== undefined && { need: needBytes }),
    ...(totalBytes !== undefined && { "peak with cache": totalBytes }),
  };
}

function timeOf(tries: readonly TryFacts[]): Record<string, JsonValue> {
  const last = tries.at(-1);
  if (last === undefined) return {};
  const failed = tries.slice(0, -1).map(({ outcome }) => outcome?.cause ?? "unknown");
  return {
    attempts: tries.length,
    ...(failed.length > 0 && { "attempts before": failed.join(", ") }),
    ...(last.tookMs !== undefined && { wall: last.tookMs }),
    ...(last.peaks?.cpuUsageUsec !== undefined && {
      cpu: Math.round(last.peaks.cpuUsageUsec / 1000),
    }),
  };
}

function hostOf(host: HostRecord | undefined): Record<string, JsonValue> {
  if (host === undefined) return {};
  const { gpus, drivers, memoryBytes, ...plain } = host;
  const versions = Object.entries(drivers).map(([name, version]) => [`driver ${name}`, version]);
  return {
    ...(Object.fromEntries(Object.entries(plain)) as Record<string, JsonValue>),
    memory: memoryBytes,
    ...(gpus.length > 0 && { gpus: gpus.map(({ name }) => name).join(", ") }),
    ...(Object.fromEntries(versions) as Record<string, JsonValue>),
  };
}
