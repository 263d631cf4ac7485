import type { ArgumentValue } from "../../domain/argument.ts";
import type { MemoryAsk } from "../../domain/footprint.ts";
import { maxSizeBytes } from "../../domain/quantity.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Configuration } from "../arguments/fingerprint.ts";
import type { Treatment } from "../recipe/schema.ts";

type Formula = NonNullable<Treatment["memory"]>;
type Driver = Exclude<Formula, number>["per"][string];

/** Something that is wrong with a formula: which argument it is about, and what. */
interface FormulaProblem {
  readonly argument: string;
  readonly message: string;
}

/**
 * What a formula says for these arguments: the base, and for each driver so much for each unit of it. It
 * stands in until something was measured, so it is an upper bound that nobody has to be exact about.
 */
export function declaredMemory(
  formula: Formula | undefined,
  args: Configuration,
): Result<MemoryAsk, FormulaProblem> {
  if (formula === undefined) return ok({});
  if (typeof formula === "number") return ok({ declaredBytes: formula });
  let bytes = formula.base;
  for (const [argument, driver] of Object.entries(formula.per)) {
    const value = Object.hasOwn(args, argument) ? args[argument] : undefined;
    const term = termOf(driver, value);
    if (!term.ok) return err({ argument, message: term.error });
    bytes += term.value;
  }
  const { max } = formula;
  const declaredBytes = Math.ceil(Math.min(bytes, max ?? maxSizeBytes));
  return ok({ declaredBytes, ...(max !== undefined && { ceilingBytes: max }) });
}

function termOf(driver: Driver, value: ArgumentValue | undefined): Result<number, string> {
  if (value === undefined) return err("there is no such argument, or it has no value");
  if (typeof driver !== "number") {
    const choice = String(value);
    const bytes = Object.hasOwn(driver, choice) ? driver[choice] : undefined;
    return bytes === undefined ? err(`it says nothing of ${choice}`) : ok(bytes);
  }
  if (typeof value === "boolean") return ok(value ? driver : 0);
  if (typeof value === "number" && Number.isFinite(value)) return ok(Math.max(0, value) * driver);
  return err(
    typeof value === "string"
      ? "a text cannot be counted: give a table of sizes, one for each choice"
      : `${value} cannot be counted`,
  );
}
