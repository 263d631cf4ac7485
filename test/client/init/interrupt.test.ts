import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ask } from "../../../client/init/ask.ts";
import { runProgram } from "../../../client/init/now.ts";
import { performAll } from "../../../client/init/perform.ts";
import type { Place } from "../../../client/init/place.ts";
import type { Step } from "../../../client/init/step.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "blut-init-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe("a Ctrl-C", () => {
  it("does not reach the programs of a set-up: they are in no group of ours", async () => {
    const shell = await runProgram(["sh", "-c", "cut -d' ' -f1,5,6 /proc/$$/stat"], process.env);
    const [pid, group, session] = shell.stdout.trim().split(" ");
    expect({ group, session }).toEqual({ group: pid, session: pid });
  });

  it("lets the step that goes end, and the next one is not begun", async () => {
    const at = (name: string): string => join(directory, name);
    const begun = `: > ${at("begun")}; until [ -e ${at("go")} ]; do sleep 0.05; done; : > ${at("ended")}`;
    const steps: readonly Step[] = [
      { kind: "write", what: "a file", file: at("first"), text: "text\n" },
      { kind: "run", what: "takes a while", command: ["sh", "-c", begun] },
      { kind: "write", what: "a file", file: at("last"), text: "text\n" },
    ];
    const stop = new AbortController();
    const performing = performAll(steps, { env: process.env } as Place, stop.signal);
    await expect.poll(() => existsSync(at("begun")), { timeout: 30_000 }).toBe(true);
    stop.abort();
    writeFileSync(at("go"), "");
    expect(await performing).toEqual({ done: 2 });
    expect(["first", "ended", "last"].map((name) => existsSync(at(name)))).toEqual([
      ...[true, true, false],
    ]);
  });
});

describe("the question", () => {
  /** What somebody types, or a signal. */
  async function typed(keys: string | undefined, isTerminal: boolean): Promise<string> {
    const [stdin, stderr] = [
      new PassThrough(),
      Object.assign(new PassThrough(), { isTTY: isTerminal }),
    ];
    let interrupt = (): void => undefined;
    const onInterrupt = (listener: () => void) => {
      interrupt = listener;
      return () => undefined;
    };
    const said = ask("Do this? ", { stdin, stderr }, { onInterrupt });
    await expect.poll(() => String(stderr.read() ?? "")).toContain("Do this?");
    if (keys === undefined) interrupt();
    else stdin.end(keys);
    return said;
  }

  it.each([
    ...[true, false].flatMap((isTerminal) => [
      { isTerminal, keys: "y\r\n", said: "yes" },
      { isTerminal, keys: "YES\n", said: "yes" },
      { isTerminal, keys: "\n", said: "no" },
      { isTerminal, keys: "yonder\n", said: "no" },
      { isTerminal, keys: "", said: "no" },
      { isTerminal, keys: undefined, said: "interrupted" },
    ]),
    { isTerminal: true, keys: "\x03", said: "interrupted" },
    { isTerminal: true, keys: "\x04", said: "no" },
  ])("on a terminal: $isTerminal, answered $keys, is $said", async ({ isTerminal, keys, said }) => {
    expect(await typed(keys, isTerminal)).toBe(said);
  });
});
