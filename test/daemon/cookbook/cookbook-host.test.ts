import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CookbookHost } from "../../../daemon/cookbook/cookbook-host.ts";
import { swapCandidates } from "../../../daemon/cookbook/registry.ts";
import type { Step } from "../../../daemon/domain/plan.ts";
import { planSpec } from "../../../daemon/protocol/schemas/plan.ts";
import { filledByBox } from "../../support/filled-by-box.ts";

const cookbooks = path.resolve(import.meta.dirname, "../../fixtures/cookbooks");
const file = (name: string): string => path.join(cookbooks, `${name}.ts`);
const host = new CookbookHost();
const scratch = mkdtempSync(path.join(tmpdir(), "blut-cookbook-"));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

async function registry(name: string): ReturnType<CookbookHost["registry"]> {
  return host.registry(file(name));
}

it("many cookbooks asked for at once are loaded three at a time", async () => {
  const kitchen = mkdtempSync(path.join(scratch, "kitchen-"));
  const place = (name: string): string => path.join(kitchen, name);
  const [slow, gate, log] = [place("slow.ts"), place("gate"), place("log")];
  writeFileSync(
    slow,
    `import { appendFileSync, existsSync } from "node:fs";
     appendFileSync(${JSON.stringify(log)}, "+");
     while (!existsSync(${JSON.stringify(gate)})) await new Promise((go) => setTimeout(go, 10));
     appendFileSync(${JSON.stringify(log)}, "-");`,
  );
  const told = (): string => (existsSync(log) ? readFileSync(log, "utf8") : "");
  const asked = Promise.all(Array.from({ length: 9 }, () => host.registry(slow)));
  await expect.poll(() => told().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
  writeFileSync(gate, "");
  await asked;
  const loading = [0];
  for (const sign of told().split(""))
    loading.push((loading.at(-1) ?? 0) + (sign === "+" ? 1 : -1));
  expect(loading).toHaveLength(1 + 2 * 9);
  expect(Math.max(...loading)).toBe(3);
});

describe("a cookbook", () => {
  it("is listed with its arguments, kinds and every file it is made of", async () => {
    const found = await registry("words");
    expect(found).toMatchObject({
      ok: true,
      value: {
        recipes: [{ name: "words", args: { times: { type: "int", default: 3 } } }],
        sources: [file("words"), path.join(cookbooks, "words/greeting.ts")],
      },
    });
    if (!found.ok) return;
    expect(found.value.stages[1]).toEqual({
      name: "count-by-program",
      version: "1",
      category: "count",
      help: "",
      args: {},
      inputs: { text: "text" },
      output: "count",
    });
  });

  it("compiles to plans that the schema takes, one for each point", async () => {
    const plans = await host.compile(
      { file: file("words"), name: "words" },
      [{ times: 1 }, { times: 2 }],
      "",
    );
    if (!plans.ok) throw new Error(plans.error.message);
    const [one, two] = plans.value.map((each) =>
      planSpec.parse({ steps: each.map(({ spec }) => spec) }),
    );
    expect(one?.steps.map(({ args }) => args)).toEqual([{ times: 1 }, {}, {}]);
    expect(two?.steps[0].args).toEqual({ times: 2 });
    const [, count, again] = two?.steps ?? [];
    expect(count).toMatchObject({
      argv: [
        "sh",
        "-c",
        expect.any(String),
        "count",
        [{ input: "text" }, "/text.txt"],
        [{ own: "out" }, "/lines"],
      ],
      inputs: { text: { kind: "text", from: { step: "write" } } },
      output: { kind: "count", files: [] },
      memory: { declaredBytes: 64 * 1024 ** 2 },
      timeouts: { hardMs: 60_000 },
      retry: { failure: 1 },
    });
    // No path of blut's own: the plan outlives an upgrade, and its results are found again after it.
    expect(again?.argv).toEqual([
      [{ own: "node" }],
      [{ own: "body" }],
      "run",
      file("words"),
      "count-by-body",
    ]);
  });

  it("runs a stage's body by the stage contract", async () => {
    const out = path.join(scratch, "out");
    mkdirSync(out);
    const paths = {
      out,
      events: path.join(scratch, "events.jsonl"),
      checkpoints: path.join(scratch, "c"),
    };
    const context = path.join(scratch, "context.json");
    writeFileSync(context, JSON.stringify({ ...paths, args: { times: 4 }, inputs: {} }));
    const plans = await host.compile({ file: file("words"), name: "words" }, [{ times: 4 }], "");
    if (!plans.ok) throw new Error(plans.error.message);
    const [program, ...args] = filledByBox(plans.value[0]?.[0]?.spec["argv"] as Step["argv"]);
    const ran = spawnSync(program, args, { env: { BLUT_CONTEXT: context }, encoding: "utf8" });
    expect(ran).toMatchObject({ status: 0, stdout: "" });
    expect(readFileSync(path.join(out, "text.txt"), "utf8")).toBe("hello\n".repeat(4));
    expect(JSON.parse(readFileSync(paths.events, "utf8"))).toMatchObject({
      type: "progress",
      done: 4,
    });
  });

  it.each([
    ["throws", /the oven is cold/],
    ["exits", /exited with 0 without an answer/],
    ["lies", /its answer is not one of blut.s: stages\[0\]/],
    ["not-there", /Cannot find module|ENOENT/],
    ["leaves-a-child", /no `export default cookbook/],
  ])("that %s is reported", async (name, why) => {
    const found = await registry(name);
    expect(found).toMatchObject({ ok: false, error: { reason: "cookbook-failed" } });
    expect(found.ok ? "" : found.error.message).toMatch(why);
  });

  it.each([
    ["a throw", 'const b = 1;\nthrow new Error("cold");', "cold", { line: 2, column: 7 }],
    ["syntax", "const b = 1;\nconst a = ;", "Expression expected", { line: 2 }],
    [
      "a declaration",
      'import { stage } from "blut/cookbook";\nstage({ name: "-" });',
      "no name",
      { line: 2 },
    ],
    ["what it loads", 'import "./oven.ts";', "/an oven/oven.ts:1:7: warm", {}],
    ["what is no URL", 'console.error("    at file:///%zz:1:1"); null.x;', "TypeError", {}],
  ])("names the place of %s, and what shows it again", async (_what, text, says, place) => {
    const directory = path.join(scratch, "an oven");
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, "oven.ts"), 'throw new Error("warm");');
    const broken = path.join(directory, "broken.ts");
    writeFileSync(broken, text);
    const found = await host.registry(broken);
    if (found.ok) throw new Error("it can be used");
    const { message, remedy, problems } = found.error;
    expect(problems).toMatchObject([
      { message: expect.stringContaining(says) as string, ...place },
    ]);
    expect(message).toContain("line" in place ? `broken.ts:${place.line}:` : "broken.ts cannot");
    expect(remedy).toBe(`correct it, then: blutctl recipe check ${broken}`);
  });

  it("that loops for ever is stopped and reported", async () => {
    const impatient = new CookbookHost({ timeoutMs: 300, answerBytes: 1000 });
    const found = await impatient.registry(file("loops"));
    expect(found.ok ? "" : found.error.message).toMatch(/longer than 0.3 s/);
  });

  it("that answers too much is stopped and reported", async () => {
    const curt = new CookbookHost({ timeoutMs: 20_000, answerBytes: 100 });
    expect(await curt.registry(file("words"))).toMatchObject({ ok: false });
  });

  it("with a recipe that is not there says so", async () => {
    const plans = await host.compile({ file: file("words"), name: "wrods" }, [{}], "");
    expect(plans.ok ? "" : plans.error.message).toContain("it has no recipe wrods");
  });
});

it("a stage may stand in for another that takes and leaves the same kinds", async () => {
  const found = await registry("words");
  if (!found.ok) throw new Error(found.error.message);
  const { stages } = found.value;
  const named = (name: string): (typeof stages)[number] => {
    const stage = stages.find((one) => one.name === name);
    if (stage === undefined) throw new Error(name);
    return stage;
  };
  const candidates = swapCandidates(named("count-by-program"), stages);
  expect(candidates.map(({ name }) => name)).toEqual(["count-by-body"]);
  expect(swapCandidates(named("write"), stages)).toEqual([]);
});
