import { pin } from "../../broker/calibration.ts";
import { failure } from "../../domain/failure.ts";
import { formatBytes } from "../../domain/quantity.ts";
import { err, ok } from "../../domain/result.ts";
import { calibrationView } from "../views/calibration-view.ts";
import { define } from "../context.ts";

/** Pins a key's need by hand. More than the budget is refused: nothing of that key could ever start. */
export const calibrationSet = define("calibration.set", async ({ key, bytes }, context) => {
  const { store, events, clock, broker } = context;
  const { budgetBytes } = broker.status().memory;
  if (bytes > budgetBytes) {
    const message = `${formatBytes(bytes)} is more than the budget of ${formatBytes(budgetBytes)}`;
    const data = { neededBytes: bytes, ceilingBytes: budgetBytes };
    return err(failure("never-fits", message, "set less, or raise memory.budget", { data }));
  }
  return store.write(() => {
    const pinned = pin(store.calibrations.get(key), { key, at: clock.now(), bytes });
    store.calibrations.put(pinned);
    events.append("calibration.changed", { facts: { key } });
    return ok(calibrationView(context, pinned));
  });
});
