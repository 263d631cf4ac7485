import type { ArtifactStore } from "../../artifacts/artifact-store.ts";
import { digestOf } from "../../base/digest.ts";
import type { TreeEntry } from "../../domain/artifact.ts";
import { listOf, type Step } from "../../domain/plan.ts";
import type { StepPlace } from "../../domain/run.ts";
import { recordReads, recordWrite } from "../../lineage/record.ts";
import type { CacheEntry } from "../../store/cache.ts";
import type { StepRow } from "../../store/steps.ts";
import { beginRun, endRunIfOver } from "../run-end.ts";
import type { RunBooks } from "../run-books.ts";
import { fanOut } from "../steps/elements.ts";
import { endStep, type StepEnd } from "../steps/end-step.ts";
import { enqueue } from "../steps/open-steps.ts";
import { gatheredReads, readsOf } from "../steps/reads.ts";
import { keyPartsOf } from "./key-parts.ts";
import type { Prepared } from "./prepare.ts";
import { resultOf } from "./sources.ts";
import type { Twins } from "./twins.ts";

/** What decisions are taken with. */
export interface DecisionParts {
  readonly books: RunBooks;
  readonly artifacts: ArtifactStore;
  readonly twins: Twins;
}

/** What came of a decision: steps to be resolved now, or a result that has to be put outside first. */
export interface Decision {
  readonly opened: readonly string[];
  readonly publish?: { readonly digest: string; readonly path: string };
}

const nothing: Decision = { opened: [] };

/**
 * Decides what becomes of a step, now that it is known what it works on: done already, done as its
 * elements, or to be done. Inside one `store.write`.
 */
export function decide(
  parts: DecisionParts,
  place: StepPlace,
  prepared: Prepared,
  isPublished = false,
): Decision {
  const { books, artifacts } = parts;
  const { runId, step: name } = place;
  const row = books.store.steps.get(runId, name);
  if (row?.state !== "resolving") return nothing;
  const step = books.store.runs.step(runId, name);
  if (prepared.kind === "gathered") return { opened: endGathered(books, place, step, prepared) };
  const { known, entries } = prepared;
  const keyParts = keyPartsOf(step, known.code, known.inputs);
  const key = digestOf(keyParts);
  books.store.steps.setKey(runId, name, key, keyParts);
  recordReads(books, place, readsOf(books.store, place, step, known.inputs));
  for (const list of known.gathered) books.store.artifacts.put(list, books.clock.now());
  if (step.map !== undefined) return { opened: fan(books, place, step, entries ?? []) };
  const hit = isReusable(step, row) ? resultOf({ store: books.store, artifacts }, key) : undefined;
  if (hit !== undefined) {
    const path = step.output?.publish;
    if (path === undefined || isPublished) return { opened: reuse(books, place, step, hit) };
    return { opened: [], publish: { digest: hit.artifact, path } };
  }
  if (isReusable(step, row) && parts.twins.mustWait(key, place)) return nothing;
  enqueue(books, runId, step);
  return nothing;
}

/** What could not be read, or is not what the plan says, ends the step, if nobody else has meanwhile. */
export function refuseInput(books: RunBooks, place: StepPlace, why: string): string[] {
  if (books.store.steps.get(place.runId, place.step)?.state !== "resolving") return [];
  const end = { kind: "bad-input", step: place.step, why } as const;
  return over(books, place, { state: "failed", end });
}

/** Ends a step, and its run with its last step; gives the names of the steps to be resolved now. */
function over(books: RunBooks, place: StepPlace, end: StepEnd): string[] {
  const opened = endStep(books, place, end);
  endRunIfOver(books, place.runId);
  return opened;
}

/** Whether a result that is there already may stand in for the work. */
function isReusable({ cache, output }: Step, { forced }: StepRow): boolean {
  return cache === "use" && output !== undefined && !forced;
}

function reuse(books: RunBooks, place: StepPlace, step: Step, entry: CacheEntry): string[] {
  const { store, clock } = books;
  store.cache.hit(entry.key, clock.now());
  store.artifacts.touch(entry.artifact, clock.now());
  const { artifact, kind, key, parts, runId: cachedFrom } = entry;
  recordWrite(books, place, step, { artifact, kind, key, code: parts.code, cachedFrom });
  beginRun(books, place.runId);
  return over(books, place, {
    state: "succeeded",
    output: { digest: artifact, kind },
    cachedFrom,
  });
}

function fan(
  books: RunBooks,
  place: StepPlace,
  step: Step,
  entries: readonly TreeEntry[],
): string[] {
  const { store, clock } = books;
  for (const { digest, bytes, files } of entries) {
    store.artifacts.put({ digest, bytes, files }, clock.now());
  }
  if (entries.length === 0) {
    return refuseInput(books, place, `input ${step.map ?? ""}: its list is empty`);
  }
  beginRun(books, place.runId);
  const elements = entries.map(({ name, digest }, index) => ({
    index,
    key: name,
    artifact: digest,
  }));
  return fanOut(books, place.runId, step, elements);
}

function endGathered(
  books: RunBooks,
  place: StepPlace,
  step: Step,
  { artifact }: Extract<Prepared, { kind: "gathered" }>,
): string[] {
  const list = step.output && artifact && { ...artifact, kind: listOf(step.output.kind) };
  if (list !== undefined) {
    const { digest, kind } = list;
    books.store.artifacts.put(list, books.clock.now());
    recordReads(books, place, gatheredReads(books.store, place));
    recordWrite(books, place, step, { artifact: digest, kind, key: "" });
  }
  return over(books, place, {
    state: "succeeded",
    ...(list !== undefined && { output: { digest: list.digest, kind: list.kind } }),
  });
}
