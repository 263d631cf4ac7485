import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Params } from "../../daemon/protocol/methods.ts";
import { Rig } from "../support/rig.ts";

type Submitted = Extract<Params<"run.submit">, { plan: unknown }>["plan"]["steps"][0];

const source = path.resolve(import.meta.dirname, "../../python/src");
let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({
    containment: "polling",
    flags: ["--default-memory", "64M", "--cpus", "8"],
    env: { BLUT_BACKOFF_FIRST: "20ms", BLUT_GRACE: "10s" },
  });
});
afterAll(() => rig[Symbol.asyncDispose]());

/** A step of a plan whose script is Python with the package. */
function python(name: string, script: string, more: Partial<Submitted> = {}): Submitted {
  const file = path.join(rig.directory, `${name}.py`);
  writeFileSync(file, `import blut\n${script}`);
  const argv: Submitted["argv"] = ["python3", "-B", "-u", file];
  return { name, argv, cwd: rig.directory, code: [file], ...more };
}

async function submit(...steps: [Submitted, ...Submitted[]]): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "", PYTHONPATH: source };
  const { id } = await rig.call("run.submit", { plan: { steps }, env });
  return id;
}

async function logOf(run: string, step: string, attempt: number): Promise<string> {
  const page = await rig.call("run.log", { run, step, attempt, stream: "stdout" });
  return Buffer.from(page.base64, "base64").toString();
}

/** The process of a Python step, which writes its number down as `<name>.pid`. */
const pidOf = (name: string): number =>
  Number(readFileSync(path.join(rig.directory, `${name}.pid`), "utf8"));

test("arguments, inputs and output go from step to step, and what is told keeps the contract", async () => {
  const run = await submit(
    python(
      "make",
      "with blut.stage() as s: s.output('n.txt').write_text(str(s.params.integer('n')))",
      {
        args: { n: 20 },
        output: { kind: "number", files: ["n.txt"] },
      },
    ),
    python(
      "double",
      `
with blut.stage() as s:
    n = int(s.inputs["n"].file("n.txt").read_text())
    for i in s.track(range(n)):
        s.metric("half", i / 2, i)
    s.output("m.txt").write_text(str(2 * n))
    print(s.inputs["n"].kind, len(s.inputs["n"].digest), s.step)
`,
      { inputs: { n: { kind: "number", from: { step: "make" } } }, output: { kind: "number" } },
    ),
  );
  const ended = await rig.finished(run);
  expect(ended.state).toBe("succeeded");
  expect(await logOf(run, "double", 1)).toBe("number 64 double\n");
  const directory = ended.history.find(({ step }) => step === "double")?.directory ?? "";
  const metrics = readFileSync(path.join(directory, "metrics.csv"), "utf8").trim().split("\n");
  expect(metrics).toHaveLength(21);
  const events = path.join(directory, "events.jsonl");
  const checked = await promisify(execFile)(
    "python3",
    ["-B", "-m", "blut.contract", "check", events],
    {
      env: { PATH: process.env["PATH"], PYTHONPATH: source },
    },
  );
  expect(checked.stderr).toMatch(/^\d+ events, 0 problems\n$/);
  expect(rig.events.filter(({ kind, runId }) => kind === "step.problem" && runId === run)).toEqual(
    [],
  );
});

test("a trainer that is killed goes on from its last checkpoint, however fast it saves them", async () => {
  const run = await submit(
    python(
      "trainer",
      `
import os, pathlib
with blut.stage() as s:
    pathlib.Path("trainer.pid").write_text(str(os.getpid()))
    start = int(s.resume().read_text()) if s.resume() else 0
    print("from", start > 0)
    for epoch in range(start + 1, 100000):
        s.checkpoints.save(str(epoch).encode(), epoch)
        if start > 0: break
`,
      { retry: { failure: 1, lost: 1 } },
    ),
  );
  await rig.event("step.checkpoint", run);
  process.kill(pidOf("trainer"), "SIGKILL");
  expect(await rig.finished(run)).toMatchObject({ state: "succeeded", attempts: 2 });
  expect(await logOf(run, "trainer", 1)).toBe("from False\n");
  expect(await logOf(run, "trainer", 2)).toBe("from True\n");
  expect(rig.events.filter(({ kind, runId }) => kind === "step.problem" && runId === run)).toEqual(
    [],
  );
});

test("cancelled, it saves what it has and stops at a safe point", async () => {
  const run = await submit(
    python(
      "loop",
      `
import itertools
with blut.stage() as s:
    for epoch in itertools.count():
        if epoch == 0: print("ready")
        if s.should_stop:
            s.checkpoints.save(b"kept", epoch)
            print("stopped")
            s.check()
        s.progress(epoch)
`,
    ),
  );
  await rig.event("step.progress", run);
  await rig.call("run.cancel", { runs: [run] });
  const { history } = await rig.finished(run);
  expect(history).toMatchObject([{ outcome: { cause: "cancelled" } }]);
  expect(await logOf(run, "loop", 1)).toBe("ready\nstopped\n");
  const checkpoints = path.join(history[0]?.directory ?? "", "../checkpoints");
  expect(readdirSync(checkpoints)).toHaveLength(1);
});

test("a NaN ends a stage that would go on for ever; one that only beats is not taken for dead", async () => {
  const run = await submit(
    python(
      "nan",
      `
with blut.stage() as s:
    s.metric("loss", float("nan"), 1)
    while True: s.check()
`,
      { onDiverged: "prune" },
    ),
    python(
      "quiet",
      `
import os, time
with blut.stage() as s:
    with open(os.environ["BLUT_EVENTS"]) as told:
        beats = 0
        while beats < 5:
            line = told.readline()
            beats += "heartbeat" in line
            if not line: time.sleep(0.01)
`,
      { timeouts: { heartbeatMs: 2000 } },
    ),
  );
  const { state, history } = await rig.finished(run);
  expect(state).toBe("succeeded");
  const outcomes = Object.fromEntries(history.map(({ step, outcome }) => [step, outcome]));
  expect(outcomes).toStrictEqual({
    nan: { cause: "diverged", metric: "loss", value: "NaN" },
    quiet: { cause: "succeeded" },
  });
});
