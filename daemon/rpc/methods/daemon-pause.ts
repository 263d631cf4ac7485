import { define } from "../context.ts";
import { hold } from "../views/hold-view.ts";

/** Starts nothing new until resumed. */
export const daemonPause = define("daemon.pause", (params, context) =>
  hold(context, "pause", params),
);
