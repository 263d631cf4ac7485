import type { Manager, SystemdResult } from "./manager.ts";
import { budgetSlice } from "./transient-unit.ts";

/**
 * Puts the budget on the slice around all attempts, which outlives the daemon: made where it is
 * missing, changed in place where it is there, from a unit file or from an earlier daemon.
 */
export async function holdBudget(
  manager: Manager,
  budgetBytes: number,
): Promise<SystemdResult<void>> {
  const slice = budgetSlice(budgetBytes);
  const started = await manager.startTransientUnit({ ...slice, auxiliary: [] });
  if (started.ok || started.error.reason !== "unit-exists") return started;
  return await manager.setUnitProperties(slice.name, slice.properties);
}
