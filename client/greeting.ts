import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { MethodResult } from "../daemon/protocol/methods.ts";
import {
  isSameBuild,
  makeDirectory,
  OwnBuild,
  rootOf,
  stampText,
  type VersionStamp,
} from "../daemon/protocol/units.ts";
import type { Connection } from "./connection.ts";

type Hello = MethodResult<"daemon.hello">;

/** The same warning is not repeated for so long: each verb is a program of its own. */
const silentMs = 24 * 3_600_000;

/** What this program was made from. */
export function ownBuild(): OwnBuild {
  return new OwnBuild(rootOf(import.meta.url));
}

/** The caller's own directory for what may be lost, as the XDG specification has it. */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CACHE_HOME: cache = "", HOME: home = "" } = env;
  // What is not absolute counts as not set; without a home there is none, and below a device not even root makes one.
  return join(
    cache.startsWith("/") ? cache : join(home === "" ? "/dev/null" : home, ".cache"),
    "blut",
  );
}

/**
 * Says hello on a connection, along with whatever is asked on it, and tells the caller when the daemon is of
 * another build or older than its own files. Nothing waits for the answer.
 */
export async function greet(
  connection: Connection,
  cache: string,
  warn: (text: string) => void,
): Promise<void> {
  const { stamp } = ownBuild();
  const answer = await connection.call("daemon.hello", stamp);
  const text = answer.ok ? difference(stamp, answer.value) : undefined;
  if (text !== undefined && isNews(join(cache, "build-warning"), text)) warn(text);
}

/** What a person should know of the two builds; undefined when there is nothing. */
export function difference(own: VersionStamp, daemon: Hello): string | undefined {
  if (daemon.onDisk !== undefined) {
    return (
      `blutd still runs ${stampText(daemon)}, its files are ${stampText(daemon.onDisk)} now. ` +
      `To take them up: ${daemon.restart}; what runs goes on.`
    );
  }
  if (isSameBuild(own, daemon)) return undefined;
  return (
    `blutctl is ${stampText(own)}, blutd is ${stampText(daemon)}. ` +
    "Where they misunderstand each other, use the blutctl that came with that blutd."
  );
}

/** Whether this was not said within a day; where that cannot be noted, it is said each time. */
function isNews(file: string, text: string): boolean {
  try {
    const ageMs = Date.now() - statSync(file).mtimeMs;
    if (ageMs >= 0 && ageMs < silentMs && readFileSync(file, "utf8") === text) return false;
  } catch {
    // Nothing was said so far.
  }
  try {
    makeDirectory(dirname(file));
    writeFileSync(file, text);
  } catch {
    // A home that cannot be written is no reason to say nothing.
  }
  return true;
}
