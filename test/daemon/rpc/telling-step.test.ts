import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PlanSpec } from "../../../daemon/protocol/schemas/plan.ts";
import { DaemonRig } from "./daemon-rig.ts";

type StepSpec = PlanSpec["steps"][number];

/** A step that writes its name, then does what `script` says. */
function step(rig: DaemonRig, name: string, script: string, more: Partial<StepSpec> = {}) {
  const argv: [string, ...string[]] = ["/bin/sh", "-c", `echo I am ${name}; ${script}`];
  return { name, argv, cwd: rig.directory, memory: { firstBytes: 32 * 1024 ** 2 }, ...more };
}

/** The step is told where the part is that it works on. */
function aboutItsPart(of: ReturnType<typeof step>): StepSpec {
  return { ...of, argv: [...of.argv, [{ input: "part" }]] };
}

async function submit(rig: DaemonRig, steps: readonly StepSpec[]): Promise<string> {
  const [first, ...rest] = steps;
  if (first === undefined) throw new Error("a plan has a step");
  const env = { PATH: "/usr/bin:/bin" };
  return (await rig.call("run.submit", { plan: { steps: [first, ...rest] }, env })).id;
}

async function logOf(rig: DaemonRig, run: string, more: object = {}): Promise<unknown[]> {
  const page = await rig.call("run.log", { run, stream: "stdout", ...more });
  return [page.step, page.attempt, Buffer.from(page.base64, "base64").toString()];
}

describe("of a run of many steps, where none is named,", () => {
  it("the first that failed is shown, explained and named, whatever was tried after it", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const id = await submit(rig, [
      step(rig, "bad", "exit 7"),
      // Not before the other has failed.
      step(rig, "late", "while [ ! -e go ]; do sleep 0.02; done"),
      step(rig, "later", "exit 0", { needs: ["late"] }),
    ]);
    const isFailed = () => rig.context.store.steps.firstEnded(id as never, "failed") !== undefined;
    await expect.poll(isFailed, { timeout: 30_000 }).toBe(true);
    expect(await logOf(rig, id)).toEqual(["bad", 1, "I am bad\n"]);
    writeFileSync(join(rig.directory, "go"), "");
    const ended = await rig.ended(id);
    expect(ended.history.at(-1)?.step).toBe("later");
    expect(await logOf(rig, id)).toEqual(["bad", 1, "I am bad\n"]);
    expect(await logOf(rig, id, { attempt: 1 })).toEqual(["bad", 1, "I am bad\n"]);
    expect(await logOf(rig, id, { step: "late" })).toEqual(["late", 1, "I am late\n"]);
    const sentence = "bad failed: the command exited with 7; its log may say why";
    expect(ended.sentence).toBe(sentence);
    expect(await rig.call("run.explain", { run: id })).toMatchObject({ step: "bad", sentence });
  });

  it("one that runs goes before the last", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const id = await submit(rig, [
      step(rig, "slow", "while [ ! -e go ]; do sleep 0.02; done"),
      step(rig, "quick", "exit 0"),
      step(rig, "after", "exit 0", { needs: ["quick"] }),
    ]);
    const newest = () => rig.context.store.attempts.newestOf(id as never);
    const isOver = () => newest()?.step === "after" && newest()?.state === "ended";
    await expect.poll(isOver, { timeout: 30_000 }).toBe(true);
    expect((await logOf(rig, id)).slice(0, 2)).toEqual(["slow", 1]);
    const { sentence } = await rig.call("run.get", { run: id });
    expect(sentence).toMatch(/^running for /);
    writeFileSync(join(rig.directory, "go"), "");
    await rig.ended(id);
    expect(await logOf(rig, id)).toEqual(["after", 1, "I am after\n"]);
  });

  it("the tries of one step are not said of the run", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const once = "[ -e tried ] || { touch tried; exit 1; }";
    const id = await submit(rig, [
      step(rig, "first", "exit 0"),
      step(rig, "second", once, { needs: ["first"], retry: { failure: 1 } }),
    ]);
    const { sentence, history } = await rig.ended(id);
    expect([sentence, history.at(-1)?.number]).toEqual(["succeeded", 2]);
  });

  it("the element of a mapped step that failed is, and the step's metrics are those of its elements", async () => {
    const rig = await DaemonRig.serving();
    rig.begin();
    const metric = '{"type":"metric","name":"loss","value":0.5,"step":1}';
    const id = await submit(rig, [
      step(rig, "split", 'cd "$BLUT_OUT"; echo 1 > a; echo 2 > b', {
        output: { kind: "list<text>" },
      }),
      aboutItsPart(
        step(rig, "each", `echo '${metric}' > "$BLUT_EVENTS"; grep -r 1 "$0"`, {
          inputs: { part: { kind: "list<text>", from: { step: "split" } } },
          map: "part",
        }),
      ),
    ]);
    const { sentence } = await rig.ended(id);
    expect(sentence).toMatch(/^each\.1 failed: /);
    expect((await logOf(rig, id)).slice(0, 2)).toEqual(["each.1", 1]);
    const { attempts } = await rig.call("run.metrics", { run: id, step: "each" });
    expect(attempts.map((one) => one.step)).toEqual(["each.0", "each.1"]);
  });
});
