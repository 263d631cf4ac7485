import { merge, withoutPoison } from "../../broker/calibration.ts";
import type { Calibration } from "../../domain/calibration.ts";
import { ok } from "../../domain/result.ts";
import type { ParsedParams } from "../../protocol/methods.ts";
import { define } from "../context.ts";

/** Merges a document in; importing it again changes nothing. */
export const calibrationImport = define("calibration.import", ({ document }, { store, events }) =>
  store.write(() => {
    let rejected = 0;
    for (const row of document.calibrations) {
      const clean = withoutPoison(toCalibration(row));
      if (clean.rejected > row.rejected) rejected++;
      const known = store.calibrations.get(row.key);
      store.calibrations.put(known === undefined ? clean : merge(known, clean));
      events.append("calibration.changed", { facts: { key: row.key } });
    }
    return ok({ merged: document.calibrations.length - rejected, rejected });
  }),
);

type Row = ParsedParams<"calibration.import">["document"]["calibrations"][number];

function toCalibration({ cleanPeak, killedAt, pinned, ...rest }: Row): Calibration {
  return {
    ...rest,
    ...(cleanPeak && { cleanPeak }),
    ...(killedAt && { killedAt }),
    ...(pinned && { pinned }),
  };
}
