import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Rig } from "../support/rig.ts";
import { systemdOptions } from "../system/support/user-systemd.ts";

/** What the first boot promised, written before its power is cut. */
interface Promised {
  readonly bootId: string;
  readonly succeeded: string;
  readonly failed: string;
  readonly running: readonly string[];
  readonly queued: readonly string[];
}

const directory = join(homedir(), "rig");
const note = join(homedir(), "promised.json");
const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
const options = { ...systemdOptions({ env: { BLUT_POOLS: "door=2" } }), directory };

/** The first boot: some runs end, two run, three wait; then the power goes, without a word to anybody. */
async function before(): Promise<void> {
  const rig = await Rig.start(options);
  const succeeded = await rig.stage("exit-code", [0]);
  const failed = await rig.stage("exit-code", [7]);
  await rig.finished(succeeded);
  await rig.finished(failed);
  const ask = { pools: { door: 1 } };
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push(await rig.hold("go", ask));
  const [running, queued] = [ids.slice(0, 2), ids.slice(2)];
  for (const id of running) await rig.says(id, "holding");
  const promised: Promised = { bootId: bootId(), succeeded, failed, running, queued };
  // Only this file is synced: all that the daemon acknowledged must be there by its own doing.
  writeFileSync(note, JSON.stringify(promised), { flush: true });
  process.exit(0);
}

/** The second boot: what had ended is as it was, what ran was lost and runs again, nothing is missing. */
async function after(): Promise<void> {
  const promised = JSON.parse(readFileSync(note, "utf8")) as Promised;
  assert.notEqual(bootId(), promised.bootId);
  const rig = await Rig.start(options);
  const { runs } = await rig.call("run.list", {});
  const all = [promised.succeeded, promised.failed, ...promised.running, ...promised.queued];
  assert.deepEqual(runs.map(({ id }) => id).sort(), [...all].sort());
  rig.release("go");
  await expectEnd(rig, promised.succeeded, "succeeded", ["succeeded"]);
  await expectEnd(rig, promised.failed, "failed", ["failed"]);
  for (const id of promised.running) await expectEnd(rig, id, "succeeded", ["lost", "succeeded"]);
  for (const id of promised.queued) await expectEnd(rig, id, "succeeded", ["succeeded"]);
  await rig[Symbol.asyncDispose]();
  process.stdout.write("fault 6: nothing acknowledged was lost to the power cut\n");
  process.exit(0);
}

async function expectEnd(rig: Rig, id: string, state: string, causes: string[]): Promise<void> {
  const run = await rig.finished(id);
  assert.equal(run.state, state, JSON.stringify(run));
  assert.deepEqual(
    run.history.map(({ outcome }) => outcome?.cause),
    causes,
  );
}

await (process.argv[2] === "before" ? before() : after());
