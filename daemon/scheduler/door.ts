import { hash } from "node:crypto";
import { digestOf } from "../base/digest.ts";
import type { IdSource } from "../base/id-source.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { RunId } from "../domain/ids.ts";
import type { NoticeKind } from "../domain/notice.ts";
import { graphOf, type PlanGraph } from "../domain/plan-graph.ts";
import type { Plan } from "../domain/plan.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { openRun, openWaits } from "../executor/run-end.ts";
import type { RunBooks } from "../executor/run-books.ts";
import type { NewStep } from "../store/steps.ts";
import type { Store } from "../store/store.ts";
import { environmentFor, type Account } from "./account.ts";
import { refusal, type BoxParts } from "./refusals.ts";

/** A step that the new run does not begin at its beginning: it is over, or goes on from somewhere. */
export interface CarriedStep {
  readonly state: "waiting" | "succeeded" | "skipped";
  readonly more: NewStep;
}

/** A plan ready to become a run. */
export interface NewRun {
  readonly plan: Plan;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly needs: readonly RunId[];
  readonly after: readonly RunId[];
  readonly failFast: boolean;
  readonly pinned: boolean;
  readonly notify?: readonly NoticeKind[] | undefined;
  readonly dedupeKey?: string | undefined;
  readonly planDigest: string;
  readonly bodyDigest: string;
  readonly retriedFrom?: RunId;
  /** What an earlier run did already, by step; the rest waits. */
  readonly carried?: ReadonlyMap<string, CarriedStep>;
}

/** The run that a submit made or found. */
export interface Submitted {
  readonly id: RunId;
  /** An earlier submit with this dedupe key answered. */
  readonly deduplicated: boolean;
}

/** What the door of the queue asks of the box. */
export interface DoorParts extends BoxParts {
  readonly ids: IdSource;
  /** Set where people submit work that runs as another account. */
  readonly account?: Account | undefined;
}

/** What somebody else writes in the transaction of a run; a failure takes the run back. */
export type Alongside = (id: RunId) => Failure | undefined;

/** Stores a run with its plan, environment and waits in one transaction; ok means it is on disk. */
export async function enter(
  parts: DoorParts,
  asked: NewRun,
  alongside?: Alongside,
): Promise<Result<Submitted, Failure>> {
  const { books, ids, account } = parts;
  const env = account === undefined ? asked.env : environmentFor(account, asked.env);
  const run = { ...asked, env };
  return books.store.write<Submitted>(() => {
    const twin =
      run.dedupeKey === undefined ? undefined : books.store.runs.byDedupeKey(run.dedupeKey);
    if (twin !== undefined) {
      return twin.bodyDigest === run.bodyDigest
        ? ok({ id: twin.id, deduplicated: true })
        : err(dedupeConflict(run.dedupeKey ?? "", twin.id));
    }
    const { needs, after, retriedFrom } = run;
    const gone = [...needs, ...after].find((id) => isGone(books.store, id));
    if (gone !== undefined) return err(collectedMeanwhile(gone, "leave out what waits for it"));
    if (retriedFrom !== undefined && isGone(books.store, retriedFrom)) {
      return err(collectedMeanwhile(retriedFrom, "submit its command again"));
    }
    const refused = refusal(parts, run.plan);
    if (refused !== undefined) return err(refused);
    const id = ids.runId();
    insert(books, id, run);
    const unwanted = alongside?.(id);
    return unwanted === undefined ? ok({ id, deduplicated: false }) : err(unwanted);
  });
}

/** Names a plan by its content. Its text is its own: canonical JSON of 10,000 steps takes long to sort. */
export function digestOfPlan(plan: Plan): string {
  return hash("sha256", JSON.stringify(plan), "hex");
}

function insert(books: RunBooks, id: RunId, run: NewRun): void {
  const { store, events, clock } = books;
  const { name, priority, planDigest, bodyDigest, failFast, pinned } = run;
  const { notify, dedupeKey, retriedFrom } = run;
  store.runs.insert(
    {
      ...{ id, name, priority, planDigest, bodyDigest, failFast, pinned },
      state: "queued",
      environmentDigest: digestOf(run.env),
      createdAt: clock.now(),
      ...(notify !== undefined && { notify }),
      ...(dedupeKey !== undefined && { dedupeKey }),
      ...(retriedFrom !== undefined && { retriedFrom }),
    },
    run.plan,
    run.env,
  );
  insertSteps(books, id, graphOf(run.plan), run.carried);
  events.append("run.queued", { runId: id, facts: { name } });
  const waits = [
    ...run.needs.map((onRunId) => ({ onRunId, kind: "needs" as const })),
    ...run.after.map((onRunId) => ({ onRunId, kind: "after" as const })),
  ];
  openWaits(books, id, waits);
  openRun(books, id);
}

function insertSteps(
  { store }: RunBooks,
  id: RunId,
  graph: PlanGraph,
  carried: NewRun["carried"] = new Map(),
): void {
  for (const name of graph.steps.keys()) {
    const needs = graph.needs.get(name) ?? [];
    const open = needs.filter(({ step, isOptional }) => {
      const state = carried.get(step)?.state ?? "waiting";
      return state === "waiting" || (state === "skipped" && !isOptional);
    });
    const known = carried.get(name);
    const weight = graph.weights.get(name) ?? 1;
    if (known === undefined) store.steps.insertWaiting(id, name, open.length, weight);
    else
      store.steps.insert(id, name, known.state, { weight, openNeeds: open.length, ...known.more });
  }
}

/** Within a change: whether a run is gone, or on its way; of one with many steps rows go in several changes. */
function isGone({ runs, retention }: Store, id: RunId): boolean {
  return runs.get(id) === undefined || retention.collected(id, 1).length > 0;
}

/** The refusal of a run that was there when it was looked up. */
export function collectedMeanwhile(id: RunId, remedy: string): Failure {
  return failure("not-found", `${id} has just been collected`, remedy);
}

function dedupeConflict(key: string, id: RunId): Failure {
  return failure(
    "dedupe-conflict",
    `the dedupe key ${key} was used for ${id} with another command or options`,
    "use another key, or submit exactly what was submitted before",
    { data: { id } },
  );
}
