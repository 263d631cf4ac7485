import { existsSync } from "node:fs";

/** Who asks: the environment and the user id say which daemon is meant. */
export interface Caller {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
}

/**
 * The socket of the daemon that is meant: the one named, else the user's own, else the box's.
 * Root's own daemon is the box's. Where neither is there, the one that would be looked for first.
 */
export function socketPath(
  { env, uid }: Caller,
  named: string | undefined,
  exists: (path: string) => boolean = existsSync,
): string {
  const chosen = named ?? env["BLUT_SOCKET"];
  if (chosen !== undefined && chosen !== "") return chosen;
  const box = "/run/blut/blutd.sock";
  const runtimeDir = env["XDG_RUNTIME_DIR"];
  if (runtimeDir === undefined || !runtimeDir.startsWith("/")) return box;
  const own = `${runtimeDir.replace(/\/+$/, "")}/blut/blutd.sock`;
  const order: readonly [string, string] = uid === 0 ? [box, own] : [own, box];
  return order.find(exists) ?? order[0];
}
