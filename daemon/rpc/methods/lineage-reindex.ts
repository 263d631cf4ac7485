import { reindexLineage } from "../../lineage/reindex.ts";
import { define } from "../context.ts";

/** Makes the index of lineage again from the runs' own files. */
export const lineageReindex = define("lineage.reindex", (_params, { store, config }) =>
  reindexLineage(store, config.paths.runsDir),
);
