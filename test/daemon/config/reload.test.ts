import { expect, it } from "vitest";
import type { DaemonConfig } from "../../../daemon/config/config.ts";
import { loadConfig } from "../../../daemon/config/load.ts";
import { compareConfigs, takeOver } from "../../../daemon/config/reload.ts";
import { gib } from "../../../daemon/domain/quantity.ts";
import { ok } from "../../../daemon/domain/result.ts";

function configOf(toml: string): DaemonConfig {
  const loaded = loadConfig({
    uid: 1000,
    env: { HOME: "/home/ada", XDG_RUNTIME_DIR: "/run/user/1000" },
    flags: {},
    readFile: () => ok(toml),
    memTotalBytes: 64 * gib,
  });
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded.value;
}

it("nothing differs between two readings of one file", () => {
  const text = 'memory.budget = "8G"\npools = { db = 2 }';
  expect(compareConfigs(configOf(text), configOf(text))).toEqual({ changed: [], restart: [] });
});

it("what may change is written into what everybody holds, the rest stays and is named", () => {
  const current = configOf('memory.budget = "8G"\npools = { db = 2, gone = 1 }\nretry.lost = 7');
  const { memory, pools, retry, paths } = current;
  const fresh = configOf(
    'memory.budget = "16G"\npools = { db = 3 }\nstate-dir = "/srv/blut"\ncpus.total = 2',
  );
  const change = {
    changed: ["memory.budget", "pools", "retry.lost"],
    restart: ["state-dir", "cpus.total"],
  };
  expect(compareConfigs(current, fresh)).toEqual(change);
  takeOver(current, fresh);
  expect(memory.budgetBytes).toBe(16 * gib);
  expect(pools).toEqual({ db: 3 });
  expect(retry).toEqual(fresh.retry);
  expect(paths.stateDir).toBe("/home/ada/.local/state/blut");
  expect(current.cpus).toEqual({});
  // What waits for a restart is named every time, what was taken over is not.
  expect(compareConfigs(current, fresh)).toEqual({ changed: [], restart: change.restart });
});

it("a setting goes back to its default when its line goes", () => {
  const current = configOf('log.level = "debug"\nbackoff.first = "9s"');
  const fresh = configOf("");
  expect(compareConfigs(current, fresh).changed).toEqual(["backoff.first", "log.level"]);
  takeOver(current, fresh);
  expect(current.log.level).toBe("info");
  expect(current.backoff).toEqual(fresh.backoff);
});
