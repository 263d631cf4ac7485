import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrationKeyOf, nameOfCommand } from "../../../daemon/planning/calibration-key.ts";
import { compileCommand } from "../../../daemon/planning/compile-command.ts";

describe("calibrationKeyOf", () => {
  it.each([
    [["./encode.sh", "big.wav"], "/home/ada/encode.sh"],
    [["ffmpeg", "-i", "a.mkv"], "ffmpeg"],
    [["python3", "train.py", "--epochs", "5"], "python3 /home/ada/train.py"],
    [["python3", "-u", "train.py"], "python3 /home/ada/train.py"],
    [["/usr/bin/python3.11", "-m", "blut.train", "x"], "python3.11 -m blut.train"],
    [["bash", "-c", "echo 1"], expect.stringMatching(/^bash -c [0-9a-f]{12}$/)],
    [["node"], "node"],
  ] as [[string, ...string[]], unknown][])("%j", (argv, key) => {
    expect(calibrationKeyOf(argv, "/home/ada")).toEqual(key);
  });

  it("never depends on the arguments after the script", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (a, b) => {
        expect(calibrationKeyOf(["python3", "t.py", ...a], "/w")).toBe(
          calibrationKeyOf(["python3", "t.py", ...b], "/w"),
        );
      }),
    );
  });

  it("stays within its length and still tells long paths apart", () => {
    const long = "x".repeat(2000);
    const a = calibrationKeyOf([`/${long}a`], "/");
    expect(a.length).toBeLessThanOrEqual(512);
    expect(a).not.toBe(calibrationKeyOf([`/${long}b`], "/"));
  });
});

describe("compileCommand", () => {
  const defaults = {
    retry: { outOfMemory: 6, failure: 0, lost: 3, timeout: 0, diverged: 0 },
    graceMs: 10_000,
  };

  it("makes one step whose silent parts have the defaults", () => {
    const plan = compileCommand(
      {
        argv: ["./a.sh"],
        cwd: "/home/ada",
        memory: {},
        pools: {},
        locks: [],
        retries: 2,
        timeoutMs: 5,
      },
      defaults,
    );
    expect(plan.steps).toEqual([
      {
        name: "main",
        stage: { name: "a.sh", version: "" },
        argv: ["./a.sh"],
        cwd: "/home/ada",
        env: {},
        needs: [],
        inputs: {},
        args: {},
        code: [],
        cache: "never",
        onDiverged: "ignore",
        memory: {},
        claims: { cpus: 0, gpus: 0, vramBytes: 0, pools: {}, locks: [] },
        retry: { outOfMemory: 6, failure: 2, lost: 3, timeout: 0, diverged: 0 },
        timeouts: { hardMs: 5, graceMs: 10_000 },
        calibrationKey: "/home/ada/a.sh",
      },
    ]);
  });

  it.each([
    [["python3", "/home/ada/train.py", "x"], "train.py"],
    [["python3", "-m", "blut.train"], "blut.train"],
    [["sh", "-c", "rm x"], "sh"],
    [["/opt/my tool"], "my-tool"],
    [["..."], "command"],
  ] as [[string, ...string[]], string][])("names %j %s", (argv, name) => {
    expect(nameOfCommand(argv)).toBe(name);
  });
});
