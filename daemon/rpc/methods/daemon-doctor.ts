import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** Checks everything that unattended work needs. */
export const daemonDoctor = define("daemon.doctor", async (_params, { doctor }) =>
  ok({ findings: await doctor() }),
);
