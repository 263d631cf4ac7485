import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { homedir, uptime } from "node:os";
import { join } from "node:path";
import { Rig } from "../support/rig.ts";
import { expectWhole, putSchedule } from "../support/schedules.ts";
import { causesOf, from, stage, step, submitPlan } from "../system/support/dag.ts";
import { systemdOptions } from "../system/support/user-systemd.ts";

/** What the first boot promised, written before its power is cut. */
interface Promised {
  readonly bootId: string;
  readonly succeeded: string;
  readonly failed: string;
  readonly running: readonly string[];
  readonly queued: readonly string[];
  /** A run of many steps: some are done, some run, some wait. */
  readonly plan: string;
}

const directory = join(homedir(), "rig");
const note = join(homedir(), "promised.json");
const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
const options = { ...systemdOptions({ env: { BLUT_POOLS: "door=2" } }), directory };

/** Its instants go on through the power cut. */
const tick = "tick";

/** The first boot: some runs end, two run, three wait, a plan is in the middle; then the power goes, without a word to anybody. */
async function before(): Promise<void> {
  const rig = await Rig.start(options);
  const all = 'catch-up = { take = "all", count = 100 }\noverlap = "queue"';
  putSchedule(rig, tick, `every = "1s"\n${all}\ncommand = ["true"]\n`);
  const succeeded = await rig.stage("exit-code", [0]);
  const failed = await rig.stage("exit-code", [7]);
  await rig.finished(succeeded);
  await rig.finished(failed);
  const ask = { pools: { door: 1 } };
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push(await rig.hold("go", ask));
  const [running, queued] = [ids.slice(0, 2), ids.slice(2)];
  for (const id of running) await rig.says(id, "holding");
  const plan = await planUnderWay(rig);
  await rig.event("schedule.fired");
  const promised: Promised = { bootId: bootId(), succeeded, failed, running, queued, plan };
  // Only this file is synced: all that the daemon acknowledged must be there by its own doing.
  writeFileSync(note, JSON.stringify(promised), { flush: true });
  process.exit(0);
}

/** A run that is in the middle: one element of a list is done and one runs, and a step has left a checkpoint. */
async function planUnderWay(rig: Rig): Promise<string> {
  rig.release("now");
  const write = 'cd "$BLUT_OUT" && echo now >a && echo later >b';
  const each = '"$1" "release-$(cat "$2")" && cp "$2" "$BLUT_OUT/word"';
  const join = 'cat "$0"/*/word "$1"/out';
  const list = { kind: "list<text>" };
  const run = await submitPlan(
    rig,
    step(rig, "split", ["sh", "-c", write], { output: list }),
    step(rig, "each", ["sh", "-c", each, "each", stage("hold-until-told"), [{ input: "word" }]], {
      inputs: { word: from("split", list.kind) },
      map: "word",
    }),
    step(rig, "trains", [stage("save-checkpoints"), "5", "1", "release-never"]),
    step(rig, "join", ["sh", "-c", join, [{ input: "words" }], [{ input: "model" }]], {
      inputs: { words: from("each", list.kind), model: from("trains") },
    }),
  );
  await rig.event("step.succeeded", run, "each.0");
  for (const name of ["each.1", "trains"]) await rig.says(run, "holding", name);
  await rig.event("step.checkpoint", run, "trains");
  return run;
}

/** What was done is not done again, what ran runs again, from its checkpoint, and the rest follows. */
async function expectPlanGoesOn(rig: Rig, run: string): Promise<void> {
  rig.release("later");
  const ended = await rig.finished(run);
  assert.equal(ended.state, "succeeded", ended.sentence);
  assert.deepEqual(causesOf(ended), {
    split: ["succeeded"],
    "each.0": ["succeeded"],
    "each.1": ["lost", "succeeded"],
    trains: ["lost", "succeeded"],
    join: ["succeeded"],
  });
  assert.equal(await rig.output(run, "stdout", "trains"), "from 1\n2\n3\n4\n5\ndone\n");
  assert.equal(await rig.output(run, "stdout", "join"), "now\nlater\ntrains\n");
}

/** The second boot: what had ended is as it was, what ran was lost and runs again, nothing is missing. */
async function after(): Promise<void> {
  const promised = JSON.parse(readFileSync(note, "utf8")) as Promised;
  assert.notEqual(bootId(), promised.bootId);
  const rig = await Rig.start(options);
  const { runs } = await rig.call("run.list", { limit: 1000 });
  const all = [
    promised.succeeded,
    promised.failed,
    ...promised.running,
    ...promised.queued,
    promised.plan,
  ];
  const others = runs.filter(({ name }) => name !== tick);
  assert.deepEqual(others.map(({ id }) => id).sort(), [...all].sort());
  rig.release("go");
  await expectEnd(rig, promised.succeeded, "succeeded", ["succeeded"]);
  await expectEnd(rig, promised.failed, "failed", ["failed"]);
  for (const id of promised.running) await expectEnd(rig, id, "succeeded", ["lost", "succeeded"]);
  for (const id of promised.queued) await expectEnd(rig, id, "succeeded", ["succeeded"]);
  await expectPlanGoesOn(rig, promised.plan);
  await expectClockGoesOn(rig);
  await rig[Symbol.asyncDispose]();
  process.stdout.write("fault 6: nothing acknowledged was lost to the power cut\n");
  process.exit(0);
}

/** Every second from before the cut until now is on record, once, and its run with it. */
async function expectClockGoesOn(rig: Rig): Promise<void> {
  const bootedAt = Date.now() - uptime() * 1000;
  const { history } = await rig.call("schedule.get", { name: tick, history: 1000 });
  assert.ok(history.some(({ at }) => at < bootedAt));
  assert.ok(history.some(({ at }) => at > bootedAt));
  await expectWhole(rig, tick);
  await rig.call("schedule.disable", { name: tick });
  for (const { runId } of history) if (runId !== undefined) await rig.finished(runId);
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
