import { define } from "../context.ts";
import { hold } from "../views/hold-view.ts";

/** Starts nothing new and lets what runs end. */
export const daemonDrain = define("daemon.drain", (params, context) =>
  hold(context, "drain", params),
);
