import { define } from "../context.ts";
import { standingHold } from "../views/hold-view.ts";

/** Starts work again; fine when nothing held it. */
export const daemonResume = define("daemon.resume", async (_params, context) => {
  const resumed = await context.scheduler.resume();
  return resumed.ok ? standingHold(context) : resumed;
});
