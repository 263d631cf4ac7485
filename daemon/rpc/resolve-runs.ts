import { failure, type Failure } from "../domain/failure.ts";
import { isRunId, type RunId } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { submitLimits } from "../protocol/limits.ts";
import type { RunRow } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { didYouMean, quoted } from "../base/quoted.ts";
import { collected } from "./views/collected.ts";

/** Candidates named in a refusal. */
const mostNamed = 5;
const idPrefix = /^(?:run_)?[0-9a-hjkmnp-tv-z]{1,12}$/;

/** Which run is meant by a name that several have: the newest, or none where a mistake could not be taken back. */
type OfName = "newest" | "the-only-one";

/** The one run a selector means: an id, a unique prefix of one, `last`, or a name. */
function resolveRun(store: Store, selector: string, ofName: OfName): Result<RunId, Failure> {
  if (selector === "last") {
    const newest = store.runs.newest();
    return newest === undefined
      ? err(failure("not-found", "there are no runs yet", "submit one: blutctl submit -- COMMAND"))
      : ok(newest.id);
  }
  if (selector === "all") {
    return err(failure("invalid-request", "`all` is not one run", "name one: blutctl runs"));
  }
  const found = isRunId(selector) ? ok(selector) : resolveLoosely(store, selector, ofName);
  if (!found.ok) return found;
  const there = findRow(store, found.value);
  return there.ok ? found : there;
}

/** The runs that selectors mean, each once, in their order; `all` means those that have not ended. */
export function resolveRuns(
  store: Store,
  selectors: readonly string[],
  { allowAll, ofName }: { readonly allowAll: boolean; readonly ofName: OfName },
): Result<RunId[], Failure> {
  const ids = new Set<RunId>();
  for (const selector of selectors) {
    if (selector === "all" && allowAll) {
      for (const id of store.runs.live(submitLimits.queued)) ids.add(id);
      continue;
    }
    const resolved = resolveRun(store, selector, ofName);
    if (!resolved.ok) return resolved;
    ids.add(resolved.value);
  }
  return ok([...ids]);
}

/** The runs that a new one waits for. */
export function resolveWaits(
  store: Store,
  waits: { readonly needs: readonly string[]; readonly after: readonly string[] },
): Result<{ needs: RunId[]; after: RunId[] }, Failure> {
  const rule = { allowAll: false, ofName: "newest" } as const;
  const needs = resolveRuns(store, waits.needs, rule);
  if (!needs.ok) return needs;
  const after = resolveRuns(store, waits.after, rule);
  return after.ok ? ok({ needs: needs.value, after: after.value }) : after;
}

/** The row of the run that a selector means. */
export function storedRun(store: Store, selector: string): Result<RunRow, Failure> {
  const id = resolveRun(store, selector, "newest");
  return id.ok ? ok(rowOf(store, id.value)) : id;
}

/** The row of a run, unless it has been collected meanwhile or never was. */
export function findRow(store: Store, id: RunId): Result<RunRow, Failure> {
  const row = store.runs.get(id);
  // Of a run of many steps some rows go before the others.
  const [gone] = store.retention.collected(id, 1);
  if (gone !== undefined) return err(collected(gone));
  return row === undefined ? notFound(id) : ok(row);
}

/** The row of a run that was just found, in the same turn of the event loop. */
export function rowOf(store: Store, id: RunId): RunRow {
  const row = store.runs.get(id);
  if (row === undefined) throw new Error(`run ${id} has gone while it was read`);
  return row;
}

/** What can mean several runs is refused. */
function resolveLoosely(store: Store, selector: string, ofName: OfName): Result<RunId, Failure> {
  const limit = mostNamed + 1;
  const byId = idPrefix.test(selector) ? store.runs.idsByPrefix(selector, limit) : [];
  const named =
    ofName === "newest" ? store.runs.idsByName(selector, 1) : liveFirst(store, selector, limit);
  const candidates = [...new Set([...byId, ...named])];
  const [first] = candidates;
  if (first === undefined) return unknown(store, selector);
  return candidates.length === 1 ? ok(first) : err(ambiguous(selector, candidates));
}

/** Runs of a name that have not ended; where there is none, those that have. */
function liveFirst({ runs }: Store, name: string, limit: number): RunId[] {
  const live = runs.list({ name, states: ["queued", "running"], limit });
  return live.length > 0 ? live.map(({ id }) => id) : runs.idsByName(name, limit);
}

/** A selector that means no run may be the beginning of the id of one that there was. */
function unknown(store: Store, selector: string): Result<never, Failure> {
  const [gone, ...others] = idPrefix.test(selector) ? store.retention.collected(selector, 2) : [];
  return gone !== undefined && others.length === 0 ? err(collected(gone)) : notFound(selector);
}

function notFound(selector: string): Result<never, Failure> {
  const message = `no run is called ${quoted(selector)}`;
  return err(failure("not-found", message, "list them: blutctl runs", { data: { selector } }));
}

function ambiguous(selector: string, ids: readonly RunId[]): Failure {
  const candidates = ids.slice(0, mostNamed).join(", ");
  const more = ids.length > mostNamed ? " and more" : "";
  return failure(
    "ambiguous",
    `${quoted(selector)} can mean ${candidates}${more}`,
    "give one of these ids, or more of it",
    { data: { selector, candidates } },
  );
}

/** The row of a run, and none where `step` is not one of its steps. */
export function storedRunWith(
  store: Store,
  selector: string,
  step: string | undefined,
): Result<RunRow, Failure> {
  const run = storedRun(store, selector);
  if (!run.ok || step === undefined) return run;
  return store.steps.get(run.value.id, step) === undefined
    ? err(unknownStep(store, run.value, step))
    : run;
}

/** The refusal of a step that a run does not have. */
function unknownStep(store: Store, run: RunRow, step: string): Failure {
  const names = store.steps.of(run.id).map(({ name }) => name);
  return failure(
    "not-found",
    `${run.id} has no step ${quoted(step)}${didYouMean(step, names)}`,
    `its steps: ${names.slice(0, 20).join(", ")}`,
  );
}
