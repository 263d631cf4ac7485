import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** Sends a test notice every way that is set, one try each. */
export const notifyTest = define("notify.test", async (_params, { teller }) =>
  ok({ outcomes: [...(await teller.test())] }),
);
