import type { DaemonConfig } from "./config.ts";
import { isSettingKey, settings, type SettingKey } from "./settings.ts";

/**
 * Parts of the configuration that everybody looks up where they lie, at each use: what is written into them
 * is in force at once. The others were handed out by value, or decide where things are.
 */
const liveParts = [
  "memory",
  "pools",
  "retry",
  "backoff",
  "log",
  "output",
  "events",
  "retention",
  "admission",
  "notify",
] as const satisfies readonly (keyof DaemonConfig)[];

/** What a changed file comes to while the daemon runs, by the keys of blut.toml. */
export interface ConfigChange {
  /** In force from now on. */
  readonly changed: readonly SettingKey[];
  /** In force with the next start. */
  readonly restart: readonly SettingKey[];
}

/** What differs between the configuration in force and a fresh one. */
export function compareConfigs(current: DaemonConfig, fresh: DaemonConfig): ConfigChange {
  const keys = Object.keys(settings)
    .filter(isSettingKey)
    .filter((key) => !isSame(current.settings[key], fresh.settings[key]));
  return { changed: keys.filter(isLive), restart: keys.filter((key) => !isLive(key)) };
}

/**
 * Writes all that may change meanwhile from `fresh` into `current`, in place. This is the one exception from
 * values that never change: whoever holds a live part sees the change with the next look.
 */
export function takeOver(current: DaemonConfig, fresh: DaemonConfig): void {
  for (const part of liveParts) replaceContent(current[part], fresh[part]);
  const live = Object.entries(fresh.settings).filter(([key]) => isSettingKey(key) && isLive(key));
  const fixed = Object.entries(current.settings).filter(
    ([key]) => isSettingKey(key) && !isLive(key),
  );
  replaceContent(current.settings, Object.fromEntries([...fixed, ...live]));
}

/** `memory.budget` is of the part `memory`. */
function isLive(key: SettingKey): boolean {
  return liveParts.some((part) => key === part || key.startsWith(`${part}.`));
}

function replaceContent(target: object, content: object): void {
  for (const key of Object.keys(target)) Reflect.deleteProperty(target, key);
  Object.assign(target, content);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
