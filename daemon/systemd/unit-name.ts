import { isAttemptId, type AttemptId } from "../domain/ids.ts";

/** The slice that carries the box's whole budget; every attempt's slice is nested in it by its name. */
export const budgetSliceName = "blut.slice";

/** Every unit of any attempt, as ListUnitsByPatterns takes it. */
export const attemptUnitPatterns = ["blut-att_*.scope", "blut-att_*.slice"] as const;

/** Which unit of which attempt. */
export interface AttemptUnit {
  readonly attemptId: AttemptId;
  readonly kind: "scope" | "slice";
}

/** The scope that the attempt's processes live in. */
export function scopeName(attemptId: AttemptId): string {
  return unitName(attemptId, "scope");
}

/** The slice around that scope. The dash nests it in the budget slice. */
export function sliceName(attemptId: AttemptId): string {
  return unitName(attemptId, "slice");
}

/** Reads a unit name back; undefined for every unit that is not an attempt's. */
export function parseUnitName(name: string): AttemptUnit | undefined {
  const match = /^blut-(att_[^.]+)\.(scope|slice)$/.exec(name);
  const [attemptId, kind] = [match?.[1], match?.[2]];
  if (attemptId === undefined || !isAttemptId(attemptId)) return undefined;
  return { attemptId, kind: kind === "scope" ? "scope" : "slice" };
}

/** The object path that systemd gives a unit: each byte but ASCII letters and non-leading digits as `_xx`. */
export function unitPath(name: string): string {
  const element = [...Buffer.from(name)]
    .map((byte, index) => {
      const character = String.fromCharCode(byte);
      const isPlain = /[a-zA-Z]/.test(character) || (index > 0 && /[0-9]/.test(character));
      return isPlain ? character : `_${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
  return `/org/freedesktop/systemd1/unit/${element}`;
}

/**
 * The branded type is no proof at run time, and a name that carried a dash or a dot of its own would
 * be another unit, so the id is checked again where it becomes one.
 */
function unitName(attemptId: AttemptId, kind: AttemptUnit["kind"]): string {
  if (!isAttemptId(attemptId)) throw new TypeError(`not an attempt id: ${String(attemptId)}`);
  return `blut-${attemptId}.${kind}`;
}
