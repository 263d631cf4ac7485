import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { notifyFindings } from "../views/notify-view.ts";

/** Checks everything that unattended work needs. */
export const daemonDoctor = define("daemon.doctor", async (_params, { doctor, teller }) =>
  ok({ findings: [...(await doctor()), ...notifyFindings(teller)] }),
);
