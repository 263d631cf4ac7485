import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** Reads blut.toml again, and schedules: a link in their directory may lead to what has changed. */
export const daemonReload = define("daemon.reload", async (_params, { reload, timers, build }) => {
  await timers.reload();
  const reloaded = await reload();
  if (!reloaded.ok) return reloaded;
  const { changed, restart } = reloaded.value;
  return ok({ changed: [...changed], restart: [...restart], restartCommand: build.restart });
});
