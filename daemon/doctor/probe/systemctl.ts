import { askProgram } from "../../base/outside-program.ts";

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

/** Whether the wall clock is kept, as the time service or its mark says. */
export async function askClock(): Promise<"kept" | "free" | "unknown"> {
  const asked = ["timedatectl", "show", "--property=NTPSynchronized", "--value"] as const;
  const answer = await askProgram([...asked], bounds);
  if (!answer.ok) return "unknown";
  return answer.value.trim() === "yes" ? "kept" : "free";
}
