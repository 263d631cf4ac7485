import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stampFile } from "../../daemon/base/build/own-build.ts";
import { scratchDirectory } from "../daemon/store/support/scratch.ts";
import { Rig } from "../support/rig.ts";

const root = join(import.meta.dirname, "../..");
const stamp = (version: string): string =>
  JSON.stringify({ version, commit: "c".repeat(40), dirty: false });

/** An installation of its own, which a test may upgrade. */
function installed(version: string): string {
  const place = scratchDirectory();
  for (const name of ["daemon", "package.json"]) {
    cpSync(join(root, name), join(place, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(place, "node_modules"));
  writeFileSync(join(place, stampFile), stamp(version));
  return place;
}

test("an upgrade under a running daemon is told by status and in the log; a restart takes it up", async () => {
  const place = installed("3.0.0");
  const program = join(place, "daemon/main/blutd.js");
  await using rig = await Rig.start({ containment: "polling", program });
  const before = await rig.call("daemon.status", {});
  expect(before).toMatchObject({ version: "3.0.0", commit: "c".repeat(40), dirty: false });
  expect(before.onDisk).toBeUndefined();

  writeFileSync(join(place, stampFile), stamp("3.1.0"));
  await expect
    .poll(async () => (await rig.call("daemon.hello", { version: "3.1.0" })).onDisk)
    .toMatchObject({ version: "3.1.0" });
  const told = await rig.event("daemon.outdated");
  expect(told.facts).toMatchObject({
    runs: "3.0.0 (cccccccccccc)",
    onDisk: "3.1.0 (cccccccccccc)",
  });
  const logged = (text: string): unknown[] => rig.log.filter(({ msg }) => msg === text);
  await expect.poll(() => logged("daemon.outdated")).toMatchObject([{ level: 40 }]);
  // The client that asked is of another build as well: once, however often it asks.
  await expect.poll(() => logged("a client is of another build")).toHaveLength(1);

  await rig.crash();
  const after = await rig.call("daemon.status", {});
  expect(after).toMatchObject({ version: "3.1.0" });
  expect(after.onDisk).toBeUndefined();
});
