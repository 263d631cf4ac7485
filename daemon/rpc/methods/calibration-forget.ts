import { err, ok } from "../../domain/result.ts";
import { unknownKey } from "../views/calibration-view.ts";
import { define } from "../context.ts";

/** Forgets keys; fails when nothing was known of any of them. */
export const calibrationForget = define("calibration.forget", ({ keys }, { store, events }) =>
  store.write(() => {
    const forgotten = [...new Set(keys)].filter((key) => store.calibrations.delete(key));
    const [first = ""] = keys;
    if (forgotten.length === 0) return err(unknownKey(first));
    for (const key of forgotten) events.append("calibration.changed", { facts: { key } });
    return ok({ forgotten });
  }),
);
