import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readStatus } from "../../../daemon/base/build/git-status.ts";
import { GitReader } from "../../../daemon/lineage/git.ts";
import { scratchDirectory } from "../store/support/scratch.ts";

/** A repository of one commit, and a clock that stands still until it is told. */
class Bed {
  readonly directory = scratchDirectory();
  nowMs = 0;
  readonly reader = new GitReader({
    now: () => 0,
    monotonic: () => this.nowMs,
    after: () => () => undefined,
  });

  constructor() {
    this.git("init", "-q", "-b", "main");
    this.write("a.py", "1");
    this.commit();
  }

  git(...args: string[]): string {
    const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    return execFileSync("git", [...who, ...args], { cwd: this.directory, encoding: "utf8" }).trim();
  }

  commit(): string {
    this.git("add", "-A");
    this.git("commit", "-q", "-m", "work");
    return this.git("rev-parse", "HEAD");
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }
}

describe("a working directory in git", () => {
  it("has a commit, a branch, and is clean", async () => {
    const bed = new Bed();
    const commit = bed.git("rev-parse", "HEAD");
    expect(await bed.reader.read(bed.directory)).toEqual({
      commit,
      branch: "main",
      isDirty: false,
    });
  });

  it("is the same in a directory below it", async () => {
    const bed = new Bed();
    mkdirSync(join(bed.directory, "b"));
    expect(await bed.reader.read(join(bed.directory, "b"))).toMatchObject({ branch: "main" });
  });

  it("is dirty once a tracked file differs, not for a new one", async () => {
    const bed = new Bed();
    bed.write("new.py", "1");
    expect(await bed.reader.read(bed.directory)).toMatchObject({ isDirty: false });
    bed.write("a.py", "22");
    bed.nowMs += 3000;
    expect(await bed.reader.read(bed.directory)).toMatchObject({ isDirty: true });
  });

  it("has no branch on a detached head", async () => {
    const bed = new Bed();
    bed.git("checkout", "-q", "--detach");
    expect(await bed.reader.read(bed.directory)).not.toHaveProperty("branch");
  });

  it("is asked once in a few seconds, and again at once after a commit", async () => {
    const bed = new Bed();
    const first = await bed.reader.read(bed.directory);
    bed.write("a.py", "22");
    expect(await bed.reader.read(bed.directory)).toBe(first);
    const commit = bed.commit();
    expect(await bed.reader.read(bed.directory)).toMatchObject({ commit });
  });

  it("is nothing where there is no repository, or no commit in it", async () => {
    const bed = new Bed();
    expect(await bed.reader.read(scratchDirectory())).toBeUndefined();
    const empty = scratchDirectory();
    execFileSync("git", ["init", "-q"], { cwd: empty });
    expect(await bed.reader.read(empty)).toBeUndefined();
  });

  it("security: runs no program that the repository names", async () => {
    const bed = new Bed();
    const trap = join(bed.directory, "trap");
    writeFileSync(trap, `#!/bin/sh\ntouch "${bed.directory}/sprung"\n`);
    chmodSync(trap, 0o755);
    bed.git("config", "core.fsmonitor", trap);
    await bed.reader.read(bed.directory);
    expect(existsSync(join(bed.directory, "sprung"))).toBe(false);
  });
});

it.each([
  ["", undefined],
  ["# branch.oid (initial)\0# branch.head main\0", undefined],
  ["fatal: not a git repository", undefined],
])("nothing is made of %j", (text, facts) => {
  expect(readStatus(text)).toBe(facts);
});
