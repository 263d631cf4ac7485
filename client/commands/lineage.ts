import { verbGroup } from "../verb-group.ts";
import * as diff from "./lineage-diff.ts";
import * as reindex from "./lineage-reindex.ts";
import * as trace from "./lineage-trace.ts";

/** `lineage`: where results came from. */
export const define = verbGroup([
  { name: "trace", summary: "what an artifact was made of, as a tree", define: trace.define },
  { name: "diff", summary: "only what differs between two runs", define: diff.define },
  { name: "reindex", summary: "make the index again from the runs' files", define: reindex.define },
]);
