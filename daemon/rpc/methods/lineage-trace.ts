import { ok } from "../../domain/result.ts";
import { traceDown, traceUp } from "../../lineage/trace.ts";
import { define } from "../context.ts";
import { tracedArtifact, traceRow } from "../views/lineage-view.ts";

/** What an artifact was made of, or what was made of it. */
export const lineageTrace = define(
  "lineage.trace",
  ({ artifact: prefix, direction, limit }, { store }) => {
    const artifact = tracedArtifact(store, prefix);
    if (!artifact.ok) return artifact;
    const walk = direction === "up" ? traceUp : traceDown;
    const { rows, more } = walk(store, artifact.value, limit);
    return ok({
      artifact: artifact.value,
      direction,
      rows: rows.map((row) => traceRow(store, row)),
      more,
    });
  },
);
