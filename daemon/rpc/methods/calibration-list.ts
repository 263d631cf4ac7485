import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** What is known of each key's need, by key. */
export const calibrationList = define("calibration.list", ({ prefix, limit }, { store }) => {
  const found = store.calibrations.list({
    ...(prefix !== undefined && { prefix }),
    limit: limit + 1,
  });
  return ok({ calibrations: found.slice(0, limit), more: found.length > limit });
});
