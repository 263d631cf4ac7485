import { verbGroup } from "../verb-group.ts";
import * as get from "./artifact-get.ts";

/** `artifact`: what steps made. */
export const define = verbGroup([
  { name: "show", summary: "one artifact, what is in it and who made it", define: get.define },
]);
