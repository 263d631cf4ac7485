import { verbGroup } from "../verb-group.ts";
import * as list from "./notify-list.ts";
import * as test from "./notify-test.ts";

/** `notify`: what people are told of, and by which ways. */
export const define = verbGroup([
  { name: "test", summary: "send a test notice every way that is set", define: test.define },
  { name: "list", summary: "what people were told, and what came of it", define: list.define },
]);
