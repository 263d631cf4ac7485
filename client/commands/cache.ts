import { verbGroup } from "../verb-group.ts";
import * as prune from "./cache-prune.ts";
import * as stats from "./cache-stats.ts";
import * as verify from "./cache-verify.ts";

/** `cache`: results that stand in for doing the same work again. */
export const define = verbGroup([
  { name: "stats", summary: "what is kept, what it takes, what it saved", define: stats.define },
  {
    name: "prune",
    summary: "make room, never from what a live or pinned run needs",
    define: prune.define,
  },
  {
    name: "verify",
    summary: "read everything, and take out of the cache what is not as it was made",
    define: verify.define,
  },
]);
