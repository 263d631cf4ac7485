import type { LineageRead } from "../domain/lineage.ts";
import type { StepPlace } from "../domain/run.ts";
import type { Store } from "../store/store.ts";
import type { WriteEntry } from "../store/lineage.ts";

/** A line of the tree, in the order it is drawn in. */
export interface TraceRow {
  readonly depth: number;
  /** Nothing of the same parent follows. */
  readonly isLast: boolean;
  /** Absent where a step left nothing. */
  readonly artifact?: string;
  readonly kind?: string;
  /** The name that the step before it in the tree (upwards) or behind it (downwards) reads it by. */
  readonly input?: string;
  /** The step that wrote it, or on the way down also one that only read. */
  readonly by?: StepPlace;
  readonly write?: WriteEntry;
  /** The file or directory outside that it was. */
  readonly path?: string;
  /** How many other steps wrote the same; at most the number looked at. */
  readonly others: number;
  /** What follows from it stands further up already. */
  readonly isSeen: boolean;
}

/** A tree as rows; `more` when it was cut at the limit. */
export interface Trace {
  readonly rows: readonly TraceRow[];
  readonly more: boolean;
}

/** A row that is still to be drawn, with what leads on from it. */
interface Open extends Omit<TraceRow, "isSeen"> {
  /** Equal for rows that the same follows from. */
  readonly key: string;
}

type Branch = Omit<Open, "depth" | "isLast">;

/** Other writers and readers of one artifact that are looked at. */
const mostAround = 100;

/** What an artifact was made of, back to the files that were there before blut. */
export function traceUp(store: Store, artifact: string, limit: number): Trace {
  const root = written(store, artifact);
  return walk(root, limit, ({ by }) => {
    if (by === undefined) return [];
    return wholesOrParts(store.lineage.readsOf(by).map((read) => source(store, by, read)));
  });
}

/** What was made of an artifact, to the results that nobody read. */
export function traceDown(store: Store, artifact: string, limit: number): Trace {
  const root = { ...written(store, artifact), key: artifact };
  return walk(root, limit, (row) =>
    row.artifact === undefined ? [] : readersOf(store, row.artifact),
  );
}

/**
 * Draws the tree depth first with a list instead of recursion. What was drawn once is not drawn again, so
 * shared parts cost nothing and rows that point in a circle, which no run can make, end.
 */
function walk(root: Branch, limit: number, next: (row: Open) => Branch[]): Trace {
  const rows: TraceRow[] = [];
  const seen = new Set<string>();
  const open: Open[] = [{ ...root, depth: 0, isLast: true }];
  for (let row = open.pop(); row !== undefined; row = open.pop()) {
    if (rows.length >= limit) return { rows, more: true };
    const { key, ...drawn } = row;
    const branches = next(row);
    const isSeen = seen.has(key) && branches.length > 0;
    seen.add(key);
    rows.push({ ...drawn, isSeen });
    const depth = row.depth + 1;
    for (const [i, branch] of (isSeen ? [] : branches).toReversed().entries()) {
      open.push({ ...branch, depth, isLast: i === 0 });
    }
  }
  return { rows, more: false };
}

/** An artifact with the step that wrote it: of those who did, the newest by its own work. */
function written(store: Store, artifact: string): Branch {
  const writers = store.lineage.writersOf(artifact, mostAround);
  const write = writers.find(({ attemptId }) => attemptId !== undefined) ?? writers[0];
  return asBranch(artifact, write, Math.max(0, writers.length - 1));
}

function asBranch(artifact: string, write: WriteEntry | undefined, others: number): Branch {
  if (write === undefined) return { artifact, others, key: artifact };
  const { runId, step, kind } = write;
  return { artifact, kind, write, by: { runId, step }, others, key: `${runId} ${step}` };
}

/** Where an input came from: the step of the same run that is named, else whoever wrote the same content. */
function source(store: Store, { runId }: StepPlace, read: LineageRead): Branch {
  const { artifact, kind, input, fromStep, fromPath } = read;
  const place = fromStep === undefined ? undefined : { runId, step: fromStep };
  const write = place && store.lineage.writeOf(place);
  const found =
    place !== undefined && write?.artifact === artifact
      ? asBranch(artifact, { ...place, ...write }, 0)
      : written(store, artifact);
  return { ...found, kind, input, ...(fromPath !== undefined && { path: fromPath }) };
}

/**
 * An input of several parts is recorded as a whole and by its parts (`data`, `data/train`). Whichever was
 * written by a step leads on; the other says nothing new.
 */
function wholesOrParts(branches: readonly Branch[]): Branch[] {
  const names = new Map(branches.map((branch) => [branch.input, branch]));
  const madeParts = new Set(
    branches.flatMap(({ input = "", by }) => (by === undefined ? [] : [wholeOf(input) ?? ""])),
  );
  return branches.filter(({ input = "", by }) => {
    if (by !== undefined) return true;
    const whole = wholeOf(input);
    return whole === undefined ? !madeParts.has(input) : names.get(whole)?.by === undefined;
  });
}

function wholeOf(input: string): string | undefined {
  return /^([^/]+)\//.exec(input)?.[1];
}

/** Every step that read an artifact, once, with what it left: the newest run first, its steps by name. */
function readersOf(store: Store, artifact: string): Branch[] {
  const reads = store.lineage.readersOf(artifact, mostAround);
  const once = new Map(reads.map((read) => [`${read.runId} ${read.step}`, read]));
  const ordered = [...once.values()].sort((a, b) =>
    a.runId === b.runId ? (a.step < b.step ? -1 : 1) : a.runId > b.runId ? -1 : 1,
  );
  return ordered.map(({ runId, step, input }) => {
    const by = { runId, step };
    const write = store.lineage.writeOf(by);
    // What was made of the same content twice is drawn twice; what follows from it once.
    const key = write?.artifact ?? `${runId} ${step}`;
    return {
      by,
      input,
      others: 0,
      key,
      ...(write !== undefined && {
        artifact: write.artifact,
        kind: write.kind,
        write: { ...by, ...write },
      }),
    };
  });
}
