import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { prose } from "./prose.ts";
import type { Style } from "./style.ts";

type Reloaded = MethodResult<"daemon.reload">;

/** What is in force now, and what waits for a restart. */
export function reloadLines({ changed, restart, restartCommand }: Reloaded, style: Style): string {
  const now =
    changed.length === 0
      ? "Nothing that can change while blutd runs has changed."
      : `In force now: ${changed.join(", ")}.`;
  if (restart.length === 0) return prose(style, now);
  const later = `With the next start of blutd: ${restart.join(", ")}. For that: ${restartCommand}`;
  return [prose(style, now), prose(style, later)].join("\n");
}
