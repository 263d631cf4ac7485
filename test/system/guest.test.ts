import { execFileSync, spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const cgroup2Magic = 0x63677270;

/** Answers stdout without its last newline; throws, with stderr, when the program fails. */
function output(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8" }).trimEnd();
}

describe("the ground that system tests stand on", () => {
  it("is an ordinary user's", () => {
    expect(process.getuid?.()).not.toBe(0);
    expect(output("systemctl", "--user", "is-system-running")).toMatch(/^(running|degraded)$/);
  });

  it("has a user manager that may limit memory", () => {
    expect(statfsSync("/sys/fs/cgroup").type).toBe(cgroup2Magic);
    const group = output("systemctl", "--user", "show", "--property=ControlGroup", "--value");
    const controllers = readFileSync(`/sys/fs/cgroup${group}/cgroup.controllers`, "utf8");
    expect(controllers.trim().split(" ")).toEqual(expect.arrayContaining(["memory", "pids"]));
  });

  it("kills what outgrows its scope and nothing else", () => {
    const grow = "x = bytearray(200 << 20)";
    const limits = ["-p", "MemoryMax=40M", "-p", "MemorySwapMax=0"];
    const scope = ["--user", "--quiet", "--scope", ...limits, "python3", "-c", grow];
    const run = spawnSync("systemd-run", scope, { encoding: "utf8" });
    expect({ signal: run.signal, status: run.status, stderr: run.stderr }).toMatchObject({
      signal: "SIGKILL",
      status: null,
    });
  });

  it("has room and rights to write in the temporary directory and in HOME", () => {
    for (const place of [tmpdir(), homedir()]) {
      const directory = mkdtempSync(join(place, "guest-test-"));
      expect(() => {
        accessSync(directory, constants.W_OK);
      }).not.toThrow();
      rmSync(directory, { recursive: true });
    }
  });

  it.each(["python3", "strace", "fallocate", "dbus-daemon", "ps", "systemd-run"])(
    "has %s",
    (tool) => {
      expect(spawnSync(tool, ["--version"]).error).toBeUndefined();
    },
  );
});
