import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { systemClock } from "../../daemon/base/clock.ts";
import { minuteOf } from "../../daemon/domain/box-minute.ts";
import { Store } from "../../daemon/store/store.ts";
import { fillWithNight, nightMs } from "./night.ts";
import { Rig } from "./rig.ts";

/** A daemon that has a night behind it, and when that began. */
export async function nightRig(): Promise<{ readonly rig: Rig; readonly beganAt: number }> {
  const flags = ["--budget", "20G", "--reserve", "2G"];
  const rig = Rig.prepare({ containment: "polling", flags });
  mkdirSync(rig.stateDir, { recursive: true, mode: 0o700 });
  const store = Store.open(rig.database, systemClock);
  if (!store.ok) throw new Error(store.error.message);
  const beganAt = minuteOf(Date.now()) - nightMs;
  await fillWithNight(store.value, path.join(rig.stateDir, "runs"), beganAt);
  store.value.close();
  // One that failures have paused is news as long as its file is there.
  const schedules = path.join(rig.directory, "schedules");
  mkdirSync(schedules);
  writeFileSync(path.join(schedules, "flaky-sync.toml"), 'cron = "@yearly"\ncommand = ["false"]\n');
  await rig.boot();
  return { rig, beganAt };
}
