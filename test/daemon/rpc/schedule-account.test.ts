import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { DaemonRig } from "./daemon-rig.ts";

it("whose systemd holds a clock is said where it is not that of whoever asks", async () => {
  const rig = await DaemonRig.serving();
  const { timers, config } = rig.context;
  const schedules = join(rig.directory, "schedules");
  mkdirSync(schedules, { recursive: true });
  const text = 'every = "1h"\ncommand = ["true"]\nvia = "systemd"\n';
  writeFileSync(join(schedules, "hourly.toml"), text);
  timers.start();
  const account = async () => (await rig.call("schedule.get", { name: "hourly" })).account;
  expect(await account()).toBeUndefined();
  // As the socket is that systemd opens to the group of a whole box.
  chmodSync(config.paths.socket, 0o660);
  expect(await account()).toBe(userInfo().username);
});
