import { failure, type Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { StepDifference } from "../../lineage/compare.ts";
import type { TraceRow } from "../../lineage/trace.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { Store } from "../../store/store.ts";

type Row = MethodResult<"lineage.trace">["rows"][number];
type Difference = MethodResult<"lineage.diff">["steps"][number];

/** Candidates named in a refusal. */
const mostNamed = 5;
const longestCommand = 200;
/** A value that is longer says no more to a person; the whole of it is in the run's own file. */
const longestValue = 2000;

/** The one artifact that a prefix means, of those that a step read or wrote. */
export function tracedArtifact(store: Store, prefix: string): Result<string, Failure> {
  const found = store.lineage.digestsByPrefix(prefix, mostNamed + 1);
  const [first] = found;
  if (first === undefined) {
    const message = `no step read or wrote an artifact whose digest begins with ${prefix}`;
    const remedy =
      "blutctl show RUN names what its steps left; blutctl lineage reindex finds lost rows";
    return err(failure("not-found", message, remedy, { data: { artifact: prefix } }));
  }
  if (found.length === 1) return ok(first);
  const candidates = found.slice(0, mostNamed).join(", ");
  const more = found.length > mostNamed ? " and more" : "";
  const message = `${prefix} can mean ${candidates}${more}`;
  return err(failure("ambiguous", message, "give more of its digits", { data: { candidates } }));
}

/** A row of a trace with what a reader wants to know of the step. */
export function traceRow(store: Store, row: TraceRow): Row {
  const { write: entry, by, ...drawn } = row;
  if (by === undefined) return drawn;
  const facts = entry && store.lineage.writeOf(by)?.facts;
  const name = store.runs.get(by.runId)?.name;
  return {
    ...drawn,
    by: {
      ...by,
      ...(name !== undefined && { name }),
      ...(entry !== undefined && { at: entry.at }),
      ...(entry?.attemptId !== undefined && { attemptId: entry.attemptId }),
      ...(entry?.cachedFrom !== undefined && { cachedFrom: entry.cachedFrom }),
      ...(facts !== undefined && { command: facts.command.slice(0, longestCommand) }),
      ...(facts?.git !== undefined && { git: facts.git }),
    },
  };
}

/** A step that differs, as the wire has it. */
export function stepDifference(difference: StepDifference): Difference {
  if ("only" in difference) return { ...difference, changes: [] };
  const changes = difference.changes.map(({ facet, name, from, to }) => ({
    facet,
    name,
    ...(from !== undefined && { from: shortened(from) as Difference["changes"][number]["from"] }),
    ...(to !== undefined && { to: shortened(to) as Difference["changes"][number]["to"] }),
  }));
  return { step: difference.step, changes };
}

function shortened(value: unknown): unknown {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= longestValue ? value : `${text.slice(0, longestValue)}...`;
}
