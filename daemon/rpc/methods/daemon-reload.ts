import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** Reads blut.toml again. */
export const daemonReload = define("daemon.reload", async (_params, { reload }) => {
  const reloaded = await reload();
  if (!reloaded.ok) return reloaded;
  const { changed, restart } = reloaded.value;
  return ok({ changed: [...changed], restart: [...restart] });
});
