import { err, ok } from "../../domain/result.ts";
import { calibrationView, unknownKey } from "../views/calibration-view.ts";
import { define } from "../context.ts";

/** One key and the limit it would get. */
export const calibrationGet = define("calibration.get", ({ key }, context) => {
  const known = context.store.calibrations.get(key);
  return known === undefined ? err(unknownKey(key)) : ok(calibrationView(context, known));
});
