import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** The daemon's own figures, as Prometheus reads them. */
export const daemonMetrics = define("daemon.metrics", async (_params, { metrics }) =>
  ok({ text: await metrics() }),
);
