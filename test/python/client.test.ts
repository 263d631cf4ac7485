import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rig } from "../support/rig.ts";

const python = path.resolve(import.meta.dirname, "../../python");
let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ containment: "polling", flags: ["--default-memory", "32M"] });
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Runs a script with the package on the rig's daemon; answers the JSON that it printed. */
async function script(text: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)("python3", ["-B", "-W", "error", "-c", text], {
    cwd: rig.directory,
    env: {
      PATH: process.env["PATH"],
      PYTHONPATH: path.join(python, "src"),
      BLUT_SOCKET: rig.socket,
      GREETING: "hé",
    },
  });
  return JSON.parse(stdout);
}

test("the blocking client: submit, log, wait, get, cancel, events and refusals of a real daemon", async () => {
  const found = await script(`
import blut, json
with blut.Client() as client:
    run = client.submit(["sh", "-c", "echo $GREETING; echo oops >&2; pwd; exit 3"], name="three", retries=0)
    [ended] = client.wait(run)
    out = b"".join(client.log(run, follow=True)).decode()
    err = b"".join(client.log(run, stream="stderr")).decode()
    kinds = []
    for event in client.events(since=0):
        if event.run == run:
            kinds.append(event.kind)
        if event.kind == "run.failed":
            break
    held = client.submit(["sleep", "1000"])
    try:
        client.wait(held, timeout=0)
    except TimeoutError as error:
        late = held in str(error)
    client.cancel(held, now=True)
    [cancelled] = client.wait(held)
    try:
        client.get("nobody")
    except blut.Refused as error:
        refused = [error.reason, bool(error.remedy)]
    print(json.dumps([ended.exit_code, out, err, kinds, late, cancelled.state, refused, client.get(run)["name"]]))
`);
  expect(found).toStrictEqual([
    3,
    `hé\n${rig.directory}\n`,
    "oops\n",
    [
      "run.queued",
      "run.started",
      "attempt.starting",
      "attempt.started",
      "attempt.ended",
      "run.failed",
    ],
    true,
    "cancelled",
    ["not-found", true],
    "three",
  ]);
});

test("the client of asyncio: ten runs at once, followed by one subscription", async () => {
  const found = await script(`
import asyncio, json
from blut.aio import AsyncClient, Refused
async def talk():
    async with AsyncClient() as client:
        cursor = (await client.call("events.list", {}))["next"]
        runs = await asyncio.gather(*(client.submit(["sh", "-c", f"echo {n}; exit {n}"], retries=0) for n in range(10)))
        ended = await client.wait(*runs)
        logs = [b"".join([piece async for piece in client.log(run)]) for run in runs]
        over = set()
        async for event in client.events(since=cursor):
            if event.kind in ("run.succeeded", "run.failed"):
                over.add(event.run)
            if len(over) == 10:
                break
        try:
            await client.call("no.such", {})
        except Refused as error:
            reason = error.reason
        codes = {run.id: run.exit_code for run in ended}
        return [[codes[run] for run in runs], [int(text) for text in logs], over == set(runs), reason]
print(json.dumps(asyncio.run(talk())))
`);
  const numbers = Array.from({ length: 10 }, (_, n) => n);
  expect(found).toStrictEqual([numbers, numbers, true, "invalid-request"]);
});

test("a recipe is run with arguments from Python", async () => {
  const text = `[args]
n = { type = "int" }
[steps.say]
command = ["echo", "{args.n}"]
`;
  writeFileSync(path.join(rig.directory, "say.toml"), text);
  const found = await script(`
import blut, json
with blut.Client() as client:
    run = client.run_recipe("./say.toml", "n=1,2")
    [ended] = client.wait(run)
    print(json.dumps([ended.exit_code, *(b"".join(client.log(run, step)).decode() for step in ("say-1", "say-2"))]))
`);
  expect(found).toStrictEqual([0, "1\n", "2\n"]);
});

test("a wait and a subscription outlive a daemon that is killed and comes back", async () => {
  const run = await rig.hold("through");
  const waiting = script(`
import blut, json
with blut.Client() as client:
    for event in client.events(since=0):
        if event.run == ${JSON.stringify(run)} and event.kind == "run.succeeded":
            break
    [ended] = client.wait(${JSON.stringify(run)})
    print(json.dumps([event.kind, ended.state]))
`);
  await rig.event("attempt.started", run);
  await rig.crash();
  rig.release("through");
  expect(await waiting).toStrictEqual(["run.succeeded", "succeeded"]);
});
