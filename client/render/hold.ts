import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatInstant } from "./duration.ts";
import { prose } from "./prose.ts";
import type { Style } from "./style.ts";

type Held = MethodResult<"daemon.pause">;

/** What a pause, a drain or a resume changed, and what is still running. */
export function holdLines({ hold, running }: Held, style: Style): string {
  const still = running === 1 ? "1 run goes on" : `${running} runs go on`;
  if (hold === undefined) return "Work starts again.";
  const word = hold.mode === "pause" ? "Paused" : "Draining";
  const until =
    hold.until === undefined
      ? "until `blutctl resume`"
      : `until ${formatInstant(hold.until, style.now)}`;
  const why = hold.reason === "" ? "" : ` (${hold.reason})`;
  return prose(style, `${word}${why}: nothing new starts ${until}; ${still}.`);
}
