import type { ArtifactStore } from "../../artifacts/artifact-store.ts";
import type { Digester } from "../../artifacts/digester.ts";
import type { CacheVerdict } from "../../domain/artifact.ts";
import type { BlutEvent, EventKind } from "../../domain/event.ts";
import type { RunId } from "../../domain/ids.ts";
import type { Plan } from "../../domain/plan.ts";
import { ok } from "../../domain/result.ts";
import type { StepPlace } from "../../domain/run.ts";
import { isWorthAnotherLook, pause } from "../pause.ts";
import type { RunBooks } from "../run-books.ts";
import { bugSentence, setAside } from "../set-aside.ts";
import { Contents } from "./contents.ts";
import { decide, refuseInput, type DecisionParts } from "./decide.ts";
import { prepare, prepareAtOnce, type Prepared } from "./prepare.ts";
import type { SourceParts } from "./sources.ts";
import { Twins } from "./twins.ts";
import { verdictsOf } from "./verdicts.ts";

/** What steps are resolved with. */
export interface ResolverParts {
  readonly books: RunBooks;
  readonly artifacts: ArtifactStore;
  readonly digester: Digester;
  /** Called when a step may have become ready, or a run has ended. */
  readonly changed: () => void;
}

/** A step of which everything is known that a decision takes; or what is wrong with it. */
type Job =
  | { readonly place: StepPlace; readonly prepared: Prepared; readonly isPublished: boolean }
  | { readonly place: StepPlace; readonly why: string };

/** Steps whose inputs are read at once; the digester bounds the reading itself. */
const readsAtOnce = 16;
/** Steps decided in one transaction, those included that are opened by it. */
const decisionsAtOnce = 200;
/** With these one step is over. */
const stepEnds: ReadonlySet<EventKind> = new Set([
  "step.succeeded",
  "step.cached",
  "step.skipped",
  "step.pruned",
]);
/** With these others may be over of which nothing is said. */
const manyEnds: ReadonlySet<EventKind> = new Set([
  "step.failed",
  "run.succeeded",
  "run.failed",
  "run.cancelled",
]);

/**
 * Finds out what steps work on and whether it was done before. What takes time happens outside, many
 * steps at once; decisions are taken in transactions that hold many of them, and follow a chain of
 * results that are all there as far as one transaction goes.
 */
export class Resolver {
  readonly #parts: ResolverParts;
  readonly #sources: SourceParts;
  readonly #decision: DecisionParts;
  readonly #queue: StepPlace[] = [];
  readonly #jobs: Job[] = [];
  readonly contents: Contents;
  #reading = 0;
  #isDeciding = false;
  #isStopped = false;

  constructor(parts: ResolverParts) {
    const { books, artifacts, digester } = parts;
    this.#parts = parts;
    this.contents = new Contents(digester, books.clock);
    this.#sources = { store: books.store, artifacts, contents: this.contents };
    this.#decision = { books, artifacts, twins: new Twins(books.store) };
    books.events.onAppend((event) => {
      this.#hear(event);
    });
  }

  /** Takes up what an earlier daemon was at. */
  start(): void {
    const { store } = this.#parts.books;
    for (const { key, ...place } of store.steps.keyed()) {
      if (leavesResult(store, place)) this.#decision.twins.mustWait(key, place);
    }
    this.#add(this.#parts.books.store.steps.resolving());
  }

  /** What would be a hit if this plan ran now, and why not where not. */
  verdicts(plan: Plan): Promise<ReadonlyMap<string, CacheVerdict>> {
    return verdictsOf(this.#sources, plan);
  }

  stop(): void {
    this.#isStopped = true;
  }

  #hear({ kind, runId: id, facts }: BlutEvent): void {
    if (id === undefined) return;
    const runId = id as RunId;
    const step = facts["step"] as string;
    const { twins } = this.#decision;
    if (kind === "attempt.ended") this.contents.forget(runId);
    if (kind === "step.resolving") this.#add([{ runId, step }]);
    if (stepEnds.has(kind)) this.#add(twins.released(runId, step));
    if (manyEnds.has(kind)) this.#add(twins.released(runId));
  }

  #add(places: readonly StepPlace[]): void {
    if (places.length === 0) return;
    this.#queue.push(...places);
    this.#pump();
  }

  #pump(): void {
    while (this.#queue.length > 0 && this.#reading < readsAtOnce) {
      const place = this.#queue.shift();
      if (place === undefined || this.#isStopped) return;
      const job = this.#atOnce(place);
      if (job !== undefined) {
        this.#jobs.push(job);
        continue;
      }
      this.#reading += 1;
      void this.#read(place).then((read) => {
        this.#reading -= 1;
        if (read !== undefined) this.#jobs.push(read);
        this.#pump();
      });
    }
    if (this.#jobs.length > 0) void this.#decideAll();
  }

  #atOnce(place: StepPlace): Job | undefined {
    try {
      const prepared = prepareAtOnce(this.#sources, place);
      return prepared && { place, prepared, isPublished: false };
    } catch {
      // Whoever reads it outside hears the same and puts the run aside.
      return undefined;
    }
  }

  async #read(place: StepPlace): Promise<Job | undefined> {
    try {
      for (let looks = 1; ; looks++) {
        const prepared = await prepare(this.#sources, place);
        if (prepared.ok) return { place, prepared: prepared.value, isPublished: false };
        if (!isWorthAnotherLook(prepared.error, looks)) {
          return { place, why: prepared.error.message };
        }
        await this.#pause();
      }
    } catch (thrown) {
      await this.#setAside(place, thrown);
      return undefined;
    }
  }

  async #decideAll(): Promise<void> {
    if (this.#isDeciding) return;
    this.#isDeciding = true;
    let most = decisionsAtOnce;
    while (this.#jobs.length > 0 && !this.#isStopped) {
      const batch = this.#jobs.splice(0, most);
      most = decisionsAtOnce;
      try {
        if (!(await this.#decideBatch(batch))) {
          this.#jobs.unshift(...batch);
          await this.#pause();
        }
      } catch (thrown) {
        // One of them is poison: they are tried one by one.
        const [only] = batch;
        if (batch.length > 1) {
          this.#jobs.unshift(...batch);
          most = 1;
        } else if (only !== undefined) {
          await this.#setAside(only.place, thrown);
        }
      }
    }
    this.#isDeciding = false;
  }

  /** False when the disk took nothing of it. */
  async #decideBatch(batch: readonly Job[]): Promise<boolean> {
    const later: StepPlace[] = [];
    const publications: (() => void)[] = [];
    const decided = await this.#parts.books.store.write(() => {
      const jobs = [...batch];
      // Grows while it is walked: what a result opens is mostly decided with it.
      for (const job of jobs) {
        const opened = this.#decideOne(job, publications);
        for (const step of opened) {
          const place = { runId: job.place.runId, step };
          const next = jobs.length < decisionsAtOnce ? this.#atOnce(place) : undefined;
          if (next === undefined) later.push(place);
          else jobs.push(next);
        }
      }
      return ok(undefined);
    });
    if (!decided.ok) return !decided.error.retryable;
    for (const publish of publications) publish();
    this.#add(later);
    this.#parts.changed();
    return true;
  }

  #decideOne(job: Job, publications: (() => void)[]): readonly string[] {
    if ("why" in job) return refuseInput(this.#parts.books, job.place, job.why);
    const { place, prepared, isPublished } = job;
    const { opened, publish } = decide(this.#decision, place, prepared, isPublished);
    if (publish !== undefined) {
      publications.push(() => {
        void this.#publish(place, prepared, publish);
      });
    }
    return opened;
  }

  /** A result that is there already is put outside before its step counts as done. */
  async #publish(
    place: StepPlace,
    prepared: Prepared,
    { digest, path }: { readonly digest: string; readonly path: string },
  ): Promise<void> {
    try {
      for (;;) {
        const published = await this.#parts.artifacts.publish(digest, path);
        if (published.ok || !published.error.retryable) {
          this.#jobs.push(
            published.ok
              ? { place, prepared, isPublished: true }
              : { place, why: published.error.message },
          );
          break;
        }
        await this.#pause();
      }
    } catch (thrown) {
      this.#jobs.push({ place, why: bugSentence(thrown) });
    }
    this.#pump();
  }

  async #setAside(place: StepPlace, thrown: unknown): Promise<void> {
    const why = bugSentence(thrown);
    await setAside(this.#parts.books, place, { cause: "could-not-start", why });
    this.#parts.changed();
  }

  #pause(): Promise<void> {
    return pause(this.#parts.books.clock);
  }
}

/** Whether others may wait for what a step leaves; of one whose plan cannot be read nothing is known. */
function leavesResult({ runs }: RunBooks["store"], { runId, step: name }: StepPlace): boolean {
  try {
    const { cache, output, map } = runs.step(runId, name);
    return cache === "use" && output !== undefined && map === undefined;
  } catch {
    return false;
  }
}
