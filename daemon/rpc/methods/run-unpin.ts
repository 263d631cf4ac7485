import { define } from "../context.ts";
import { setPinned } from "./run-pin.ts";

/** Lets runs go again when their time comes. */
export const runUnpin = define("run.unpin", ({ runs }, context) => setPinned(context, runs, false));
