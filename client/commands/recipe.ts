import { verbGroup } from "../verb-group.ts";
import * as check from "./recipe-check.ts";
import * as get from "./recipe-get.ts";
import * as list from "./recipe-list.ts";
import * as run from "./recipe-run.ts";
import * as schema from "./recipe-schema.ts";
import * as swaps from "./recipe-swaps.ts";
import * as stages from "./stage-list.ts";

/** `recipe`: work that was written down, with arguments. */
export const define = verbGroup([
  { name: "list", summary: "recipes that have a name, with their arguments", define: list.define },
  { name: "show", summary: "what a recipe takes and what it does", define: get.define },
  { name: "check", summary: "every problem at once, with line and column", define: check.define },
  {
    name: "run",
    summary: "compile it and queue it; stdout is the run id alone",
    define: run.define,
  },
  {
    name: "schema",
    summary: "the JSON schema of recipe files, for editors",
    define: schema.define,
  },
  { name: "stages", summary: "what the cookbooks offer, by category", define: stages.define },
  {
    name: "swap-candidates",
    summary: "stages that could stand where a step stands",
    define: swaps.define,
  },
]);
