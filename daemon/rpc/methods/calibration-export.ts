import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** Everything known, as one document that `calibration.import` takes. */
export const calibrationExport = define("calibration.export", (_params, { store }) =>
  ok({ version: 1 as const, calibrations: store.calibrations.all() }),
);
