import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { BlutEvent } from "../../daemon/domain/event.ts";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { afterReboot } from "../support/reboot.ts";
import { Rig, stages } from "../support/rig.ts";
import { polling } from "./ledger.ts";

interface StepAsk {
  readonly timeouts?: object;
  readonly onDiverged?: "ignore" | "prune" | "retry";
  readonly retry?: object;
}

/** Submits a plan of one step that runs a fixture stage. */
async function stageStep(
  rig: Rig,
  stage: string,
  args: readonly (string | number)[],
  more: StepAsk = {},
): Promise<string> {
  const argv: [string, ...string[]] = [path.join(stages, stage), ...args.map(String)];
  const { id } = await rig.call("run.submit", {
    plan: { version: 1, steps: [{ name: "main", argv, cwd: rig.directory, ...more }] },
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
  });
  return id;
}

function directoryOf({ history }: MethodResult<"run.get">): string {
  return history.at(-1)?.directory ?? "";
}

async function liveDirectory(rig: Rig, id: string): Promise<string> {
  return directoryOf(await rig.call("run.get", { run: id }));
}

const outcomeOf = ({ history }: MethodResult<"run.get">) => history.at(-1)?.outcome;

/** Facts of a run's events of one kind, in their order. */
function factsOf(rig: Rig, id: string, kind: BlutEvent["kind"]): BlutEvent["facts"][] {
  return rig.events
    .filter((event) => event.runId === id && event.kind === kind)
    .map(({ facts }) => facts);
}

async function lossesOf(rig: Rig, id: string) {
  const { attempts } = await rig.call("run.metrics", { run: id });
  return attempts[0]?.series.find(({ name }) => name === "loss");
}

describe("what a stage says", () => {
  test("is on record: how far it is, what it measured, where it can go on from", async () => {
    await using rig = await Rig.start(polling);
    const id = await stageStep(rig, "save-checkpoints", [5]);
    const run = await rig.finished(id);
    const facts = { step: "main", number: 1 };
    expect(factsOf(rig, id, "step.progress").at(-1)).toEqual({ ...facts, done: 5, total: 5 });
    expect(factsOf(rig, id, "step.metric").at(-1)).toEqual({
      ...facts,
      metrics: { loss: { value: 0.2, step: 5 } },
    });
    const file = path.join(path.dirname(directoryOf(run)), "checkpoints/step-5");
    expect(factsOf(rig, id, "step.checkpoint").at(-1)).toMatchObject({ ...facts, file, count: 5 });
    expect(await lossesOf(rig, id)).toMatchObject({ count: 5, last: 0.2, min: 0.2, max: 1 });
  });

  test("is told in the order of the plan, however its steps are called", async () => {
    await using rig = await Rig.start(polling);
    const argv: [string, ...string[]] = [path.join(stages, "save-checkpoints"), "1"];
    const step = { argv, cwd: rig.directory };
    const { id } = await rig.call("run.submit", {
      plan: {
        version: 1,
        steps: [
          { ...step, name: "train" },
          { ...step, name: "evaluate", needs: ["train"] },
        ],
      },
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    });
    await rig.finished(id);
    const { attempts } = await rig.call("run.metrics", { run: id });
    expect(attempts.map((attempt) => attempt.step)).toEqual(["train", "evaluate"]);
  });

  test("is all heard, however fast it is said, and told of once a second at most", async () => {
    await using rig = await Rig.start(polling);
    const lines = 300_000;
    const id = await stageStep(rig, "chatter", [lines]);
    await rig.finished(id);
    expect(await lossesOf(rig, id)).toMatchObject({
      count: lines,
      min: 1,
      max: lines,
      last: lines,
    });
    const told = rig.events.filter(({ kind }) => kind === "step.metric").map(({ at }) => at);
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(30);
  });

  test("is heard again from its beginning by the next daemon, and no value is kept twice", async () => {
    await using rig = await Rig.start(polling);
    const lines = 20_000;
    const id = await stageStep(rig, "chatter", [lines, 10_000]);
    await rig.event("step.metric", id);
    await rig.crash();
    await rig.crash();
    await rig.finished(id);
    const directory = directoryOf(await rig.call("run.get", { run: id }));
    const rows = readFileSync(path.join(directory, "metrics.csv"), "utf8").trim().split("\n");
    const values = rows.slice(1).map((row) => Number(row.split(",")[3]));
    expect(values).toEqual(Array.from({ length: lines }, (_, n) => n + 1));
  });

  test("may be a line of 100 MB, broken, half, or nothing: counted, and no more", async () => {
    await using rig = await Rig.start(polling);
    const script = `head -c 100000000 /dev/zero | tr '\\0' x >>"$BLUT_EVENTS"
printf '\\n{"type":"metric","name":"loss","value":1}\\n\\377\\nhello\\n{"type":"pro' >>"$BLUT_EVENTS"`;
    const before = residentKib(rig.pid);
    const id = await rig.submit(["sh", "-c", script]);
    expect((await rig.finished(id)).state).toBe("succeeded");
    expect(residentKib(rig.pid) - before).toBeLessThan(64 * 1024);
    expect(await lossesOf(rig, id)).toMatchObject({ count: 1 });
    expect(factsOf(rig, id, "step.problem")[0]).toMatchObject({ reason: "too-long" });
    expect(factsOf(rig, id, "step.problem").at(-1)).toMatchObject({ count: 4 });
  });

  test("needs its own context, and finds in it what it needs", async () => {
    await using rig = await Rig.start(polling);
    const script = 'cat "$BLUT_CONTEXT"; ls -d "$BLUT_CHECKPOINTS"; echo "<$BLUT_RESUME>"';
    const { id } = await rig.call("run.submit", {
      plan: {
        version: 1,
        steps: [
          {
            name: "main",
            argv: ["sh", "-c", script],
            cwd: "/",
            args: { lr: 0.1 },
            env: { X: "1" },
          },
        ],
      },
      env: { PATH: "/usr/bin:/bin", BLUT_RESUME: "/of/another/attempt" },
    });
    const directory = directoryOf(await rig.finished(id));
    const [context = "", checkpoints, resume] = (await rig.output(id)).split("\n");
    expect([checkpoints, resume]).toEqual([path.join(directory, "../checkpoints"), "<>"]);
    expect(JSON.parse(context)).toMatchObject({
      version: 1,
      run: id,
      step: "main",
      stage: { name: "main", version: "" },
      number: 1,
      args: { lr: 0.1 },
      inputs: {},
      out: path.join(directory, "out"),
      events: path.join(directory, "events.jsonl"),
      checkpoints,
    });
  });
});

describe("a stage that promised to say something", () => {
  const heartbeat = (heartbeatMs: number): StepAsk => ({
    timeouts: { heartbeatMs, graceMs: 200 },
  });

  test("and says nothing is stalled, with the length of its silence", async () => {
    await using rig = await Rig.start(polling);
    const id = await stageStep(rig, "go-silent", [3], heartbeat(1_000));
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "failed", exitCode: 121, attempts: 1 });
    expect(outcomeOf(run)).toMatchObject({ cause: "stalled" });
    const { silentMs = 0 } = outcomeOf(run) as { silentMs?: number };
    expect(silentMs).toBeGreaterThanOrEqual(1_000);
  });

  test("lives as long as it does", async () => {
    await using rig = await Rig.start(polling);
    const id = await stageStep(rig, "go-silent", [30, 0.1, 0], heartbeat(1_500));
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded", exitCode: 0 });
  });

  test("is not called silent by a daemon that stood still itself", async () => {
    await using rig = await Rig.start(polling);
    const id = await stageStep(rig, "go-silent", [60, 0.05, 0], heartbeat(1_000));
    await rig.event("attempt.started", id);
    const events = path.join(await liveDirectory(rig, id), "events.jsonl");
    const beats = (): number => readFileSync(events, "utf8").split("\n").length;
    process.kill(rig.pid, "SIGSTOP");
    const from = beats();
    await vi.waitUntil(() => beats() > from + 30, 15_000);
    process.kill(rig.pid, "SIGCONT");
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded", exitCode: 0 });
  });

  test("and is deaf is judged by the next daemon as by the one that stopped it", async () => {
    await using rig = await Rig.start(polling);
    const ask = { timeouts: { heartbeatMs: 300, graceMs: 2_000 } };
    const id = await stageStep(rig, "ignore-sigterm", [], ask);
    const { facts } = await rig.event("attempt.stopping", id);
    expect(facts).toMatchObject({ cause: "stalled" });
    await rig.crash();
    const run = await rig.finished(id);
    expect(outcomeOf(run)).toEqual({ cause: "stalled", silentMs: facts["silentMs"] });
  });
});

describe("a metric that is not finite", () => {
  const outcome = { cause: "diverged", metric: "loss", value: "NaN" };

  test("ends the attempt where the step says so", async () => {
    await using rig = await Rig.start(polling);
    const id = await stageStep(rig, "emit-nan", [3], { onDiverged: "prune" });
    const run = await rig.finished(id);
    expect(outcomeOf(run)).toEqual(outcome);
    expect(run.attempts).toBe(1);
    expect(factsOf(rig, id, "attempt.stopping")).toEqual([
      { cause: "diverged", metric: "loss", value: "NaN" },
    ]);
    expect((await rig.call("daemon.status", {})).memory.reservedBytes).toBe(0);
  });

  test("ends it also when the stage was quicker than we were", async () => {
    await using rig = await Rig.start(polling);
    const id = await stageStep(rig, "emit-nan", [0, 0], { onDiverged: "prune" });
    expect(outcomeOf(await rig.finished(id))).toEqual(outcome);
  });

  test("is only written down where nothing is said of it", async () => {
    await using rig = await Rig.start(polling);
    const id = await stageStep(rig, "emit-nan", [3, 0.5]);
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "succeeded", exitCode: 0 });
    expect(factsOf(rig, id, "attempt.stopping")).toEqual([]);
    expect(await lossesOf(rig, id)).toMatchObject({ count: 4, last: "NaN", min: 1 / 3, max: 1 });
  });

  test("is tried again from the checkpoint before it where the step says so, and no more often", async () => {
    await using rig = await Rig.start(polling);
    const script = `echo "from <$(cat "$BLUT_RESUME" 2>/dev/null)>"
echo good >"$BLUT_CHECKPOINTS/good"
echo '{"type":"checkpoint","file":"good"}' >>"$BLUT_EVENTS"
echo '{"type":"metric","name":"loss","value":-Infinity}' >>"$BLUT_EVENTS"`;
    const { id } = await rig.call("run.submit", {
      plan: {
        version: 1,
        steps: [
          {
            name: "main",
            argv: ["sh", "-c", script],
            cwd: "/",
            onDiverged: "retry",
            retry: { diverged: 2 },
          },
        ],
      },
      env: { PATH: process.env["PATH"] ?? "" },
    });
    const run = await rig.finished(id);
    const again = { cause: "diverged", metric: "loss", value: "-Infinity" };
    expect(run.history.map(({ outcome }) => outcome)).toEqual([again, again, again]);
    expect(await rig.output(id)).toBe("from <good>\n");
  });

  test("ends an attempt also when no daemon was there to hear it", async () => {
    await using rig = await Rig.start(polling);
    const go = path.join(rig.directory, "release-go");
    const script = `"$0/hold-until-told" ${go}; exec "$0/emit-nan" 0 0`;
    const { id } = await rig.call("run.submit", {
      plan: {
        version: 1,
        steps: [
          { name: "main", argv: ["sh", "-c", script, stages], cwd: "/", onDiverged: "prune" },
        ],
      },
      env: { PATH: process.env["PATH"] ?? "" },
    });
    await rig.says(id, "holding");
    const directory = await liveDirectory(rig, id);
    await rig.end("SIGKILL");
    rig.release("go");
    await vi.waitUntil(() => existsSync(path.join(directory, "result.json")), 10_000);
    await rig.boot();
    expect(outcomeOf(await rig.finished(id))).toEqual(outcome);
  });
});

describe("a checkpoint", () => {
  /** A trainer that has left three of six and holds. */
  async function heldTrainer(rig: Rig): Promise<string> {
    const args = [6, 3, path.join(rig.directory, "release-trainer")];
    const id = await stageStep(rig, "save-checkpoints", args, { retry: { failure: 3 } });
    await rig.says(id, "holding");
    await vi.waitUntil(() => factsOf(rig, id, "step.checkpoint").at(-1)?.["count"] === 3, 10_000);
    return id;
  }

  test("is gone on from after a reboot", async () => {
    await using rig = await Rig.start(polling);
    const id = await heldTrainer(rig);
    await rig.crash(afterReboot(rig));
    const run = await rig.finished(id);
    expect(run).toMatchObject({ state: "succeeded", attempts: 2 });
    expect(await rig.output(id)).toBe("from 3\n4\n5\n6\ndone\n");
  });

  test("that was left while no daemon was there is gone on from, too", async () => {
    await using rig = await Rig.start(polling);
    const go = path.join(rig.directory, "release-go");
    const script = `[ -n "$BLUT_RESUME" ] || "$0/hold-until-told" ${go}
exec "$0/save-checkpoints" 6 3 ${path.join(rig.directory, "release-never")}`;
    const id = await rig.submit(["sh", "-c", script, stages]);
    await rig.says(id, "holding");
    const log = path.join(await liveDirectory(rig, id), "stdout.log");
    await rig.end("SIGKILL");
    rig.release("go");
    await vi.waitUntil(() => readFileSync(log, "utf8").endsWith("3\nholding\n"), 10_000);
    await rig.boot(afterReboot(rig));
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded", attempts: 2 });
    expect(await rig.output(id)).toBe("from 3\n4\n5\n6\ndone\n");
  });

  test("is gone on from after a kill at the attempt's own limit", async () => {
    await using rig = await Rig.start(polling);
    const script = `[ -n "$BLUT_RESUME" ] && { cat "$BLUT_RESUME"; exit 0; }
echo kept >"$BLUT_CHECKPOINTS/one"
echo '{"type":"checkpoint","file":"one"}' >>"$BLUT_EVENTS"
exec "$0/grow-memory" 64 1000`;
    const run = await rig.finished(await rig.submit(["sh", "-c", script, stages]));
    expect(run.history.map(({ outcome }) => outcome?.cause)).toEqual([
      "out-of-memory",
      "succeeded",
    ]);
    expect(await rig.output(run.id)).toBe("kept\n");
  });

  test("security: outside, behind a link or missing is told of and never used", async () => {
    await using rig = await Rig.start(polling);
    const script = `[ "$0" = "$BLUT_RESUME" ] || [ -z "$BLUT_RESUME" ] || { echo "used $BLUT_RESUME"; exit 0; }
[ -e "$BLUT_OUT/../../2" ] && { echo fresh; exit 0; }
ln -s /etc/passwd "$BLUT_CHECKPOINTS/link"
ln -s / "$BLUT_CHECKPOINTS/up"
for file in ../../../etc/passwd /etc/passwd link up/etc/passwd . missing; do
  echo "{\\"type\\":\\"checkpoint\\",\\"file\\":\\"$file\\"}" >>"$BLUT_EVENTS"
done
exit 1`;
    const run = await rig.finished(await rig.submit(["sh", "-c", script], { retries: 1 }));
    expect(run).toMatchObject({ state: "succeeded", attempts: 2 });
    expect(await rig.output(run.id)).toBe("fresh\n");
    expect(factsOf(rig, run.id, "step.checkpoint")).toEqual([]);
    expect(factsOf(rig, run.id, "step.problem").at(-1)).toMatchObject({
      reason: "bad-checkpoint",
      count: 6,
    });
  });
});

function residentKib(pid: number): number {
  const [, kib = ""] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib);
}
