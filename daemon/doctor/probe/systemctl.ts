import { askProgram } from "../../base/outside-program.ts";
import type { ClockFact } from "../facts.ts";

const bounds = { timeoutMs: 5000, maxBytes: 1024 ** 2 };

/** Properties of one unit, by name. */
export type UnitProperties = ReadonlyMap<string, string>;

/** Asks a systemd for properties of units, those it knows nothing of too; none when it does not answer. */
export async function showUnits(
  scope: "--user" | "--system",
  env: Readonly<Record<string, string | undefined>>,
  properties: readonly string[],
  units: readonly string[],
): Promise<readonly UnitProperties[]> {
  const asked = `--property=${["Id", ...properties].join(",")}`;
  const shown = await askProgram(["systemctl", scope, "show", asked, "--", ...units], {
    ...bounds,
    env: { ...env, LC_ALL: "C" },
  });
  return shown.ok ? readUnits(shown.value) : [];
}

/** `Name=value` a line, an empty line between two units. */
export function readUnits(text: string): readonly UnitProperties[] {
  const blocks = text.split(/\n\n+/).filter((block) => block.trim() !== "");
  return blocks.map(
    (block) =>
      new Map(
        block.split("\n").flatMap((line): [string, string][] => {
          const at = line.indexOf("=");
          return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
        }),
      ),
  );
}

/** Who keeps the wall clock, as timedated tells it. */
export async function askClock(): Promise<ClockFact> {
  // Unlike systemctl it takes no list.
  const asked = ["CanNTP", "NTP", "NTPSynchronized"].map((name) => `--property=${name}`);
  const answer = await askProgram(["timedatectl", "show", ...asked], bounds);
  return answer.ok ? readClock(answer.value) : "unknown";
}

/** A clock that is in step is kept, by one that timedated does not know of, too. */
export function readClock(text: string): ClockFact {
  const [told] = readUnits(text);
  if (told === undefined) return "unknown";
  const is = (property: string): boolean => told.get(property) === "yes";
  if (is("NTPSynchronized")) return "kept";
  if (is("NTP")) return "awaited";
  return is("CanNTP") ? "off" : "nobody";
}
