import { verbGroup } from "../verb-group.ts";
import * as exportAll from "./calibration-export.ts";
import * as forget from "./calibration-forget.ts";
import * as get from "./calibration-get.ts";
import * as importAll from "./calibration-import.ts";
import * as list from "./calibration-list.ts";
import * as set from "./calibration-set.ts";

/** `calibration`: what is known of each command's need of memory. */
export const define = verbGroup([
  { name: "list", summary: "every key and what is known of its need", define: list.define },
  { name: "show", summary: "one key and the limit it would get next", define: get.define },
  { name: "set", summary: "pin a key's need by hand", define: set.define },
  { name: "forget", summary: "forget keys", define: forget.define },
  { name: "export", summary: "everything known, as one JSON document", define: exportAll.define },
  { name: "import", summary: "merge such a document in", define: importAll.define },
]);
