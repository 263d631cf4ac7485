import { execFileSync } from "node:child_process";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { headCommit } from "../../../../daemon/base/build/git-head.ts";
import { OwnBuild, rootOf, stampFile } from "../../../../daemon/base/build/own-build.ts";
import { isSameBuild, stampText } from "../../../../daemon/domain/version-stamp.ts";
import { writeStamp } from "../../../../packaging/stamp.ts";
import { scratchDirectory } from "../../store/support/scratch.ts";

const lookLater = 60_000;

function git(directory: string, ...args: string[]): string {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
  return execFileSync("git", [...who, ...args], { cwd: directory, encoding: "utf8" }).trim();
}

/** A checkout with one source file, one commit. */
function aCheckout(): string {
  const directory = scratchDirectory();
  mkdirSync(join(directory, "daemon"));
  writeFileSync(join(directory, "package.json"), '{"name":"blut","version":"1.2.3"}');
  writeFileSync(join(directory, "daemon/a.ts"), "1");
  git(directory, "init", "-q", "-b", "main");
  git(directory, "add", "-A");
  git(directory, "commit", "-q", "-m", "work");
  return directory;
}

/** What a build leaves, with its stamp. */
function aBuild(stamp: object): string {
  const directory = scratchDirectory();
  writeFileSync(join(directory, stampFile), JSON.stringify(stamp));
  return directory;
}

describe("the commit that is checked out", () => {
  it("is read from a branch, from packed ones, from a head without a branch", () => {
    const directory = aCheckout();
    const commit = git(directory, "rev-parse", "HEAD");
    expect(headCommit(directory)).toBe(commit);
    git(directory, "pack-refs", "--all");
    expect(headCommit(directory)).toBe(commit);
    git(directory, "checkout", "-q", "--detach");
    expect(headCommit(directory)).toBe(commit);
  });

  it("is read from a worktree, whose branches lie with the repository", () => {
    const directory = aCheckout();
    const place = join(scratchDirectory(), "tree");
    git(directory, "worktree", "add", "-q", "-b", "other", place);
    writeFileSync(join(place, "b.ts"), "2");
    git(place, "add", "-A");
    git(place, "commit", "-q", "-m", "more");
    expect(headCommit(place)).toBe(git(place, "rev-parse", "HEAD"));
    expect(headCommit(place)).not.toBe(headCommit(directory));
  });

  it("is unknown without a repository, before the first commit and in a damaged one", () => {
    const directory = scratchDirectory();
    expect(headCommit(directory)).toBeUndefined();
    git(directory, "init", "-q");
    expect(headCommit(directory)).toBeUndefined();
    writeFileSync(join(directory, ".git/HEAD"), "nonsense");
    expect(headCommit(directory)).toBeUndefined();
  });
});

describe("what a program was made from", () => {
  it("in a checkout is the manifest's version, the commit, and what git says of the files", async () => {
    const directory = aCheckout();
    const commit = git(directory, "rev-parse", "HEAD");
    expect(new OwnBuild(directory).stamp).toEqual({ version: "1.2.3", commit });
    expect(await new OwnBuild(directory).whole()).toEqual({
      version: "1.2.3",
      commit,
      dirty: false,
    });
    writeFileSync(join(directory, "daemon/a.ts"), "2");
    expect(await new OwnBuild(directory).whole()).toMatchObject({ dirty: true });
  });

  it("in a build is what the build says, and git is not asked", async () => {
    const stamp = { version: "2.0.0", commit: "ab".repeat(20), dirty: false };
    expect(await new OwnBuild(aBuild(stamp)).whole()).toEqual(stamp);
  });

  it("inside another repository has no commit of ours", async () => {
    const directory = join(aCheckout(), "vendor");
    mkdirSync(directory);
    writeFileSync(join(directory, "package.json"), '{"version":"9.0.0"}');
    expect(await new OwnBuild(directory).whole()).toEqual({ version: "9.0.0" });
  });

  it("is found from any file of it, the stamp of a build before a manifest above it", () => {
    const checkout = aCheckout();
    const url = (...names: string[]): string => pathToFileURL(join(checkout, ...names)).href;
    expect(rootOf(url("daemon", "a.ts"))).toBe(checkout);
    mkdirSync(join(checkout, "dist"));
    writeFileSync(join(checkout, "dist/package.json"), '{ "type": "commonjs" }');
    expect(rootOf(url("dist", "program.js"))).toBe(checkout);
    writeFileSync(join(checkout, "dist", stampFile), '{"version":"1.0.0"}');
    expect(rootOf(url("dist", "program.js"))).toBe(join(checkout, "dist"));
  });

  it("is the same bytes each time it is written, and reads back as what was written", async () => {
    const directory = scratchDirectory();
    const written = await writeStamp(directory);
    expect(new OwnBuild(directory).stamp).toEqual(written);
    expect(written.commit).toBe(headCommit(join(import.meta.dirname, "../../../..")));
  });
});

describe("files that moved under a running program", () => {
  it("are another stamp of a build, until the old one is back", () => {
    const old = { version: "1.0.0", commit: "a".repeat(40), dirty: false };
    const directory = aBuild(old);
    const build = new OwnBuild(directory);
    expect(build.movedTo(0)).toBeUndefined();
    writeFileSync(join(directory, stampFile), JSON.stringify({ ...old, version: "1.1.0" }));
    // What was looked at a moment ago is not looked at again.
    expect(build.movedTo(1)).toBeUndefined();
    expect(build.movedTo(lookLater)).toMatchObject({ version: "1.1.0" });
    writeFileSync(join(directory, stampFile), JSON.stringify(old));
    expect(build.movedTo(2 * lookLater)).toBeUndefined();
  });

  it("are another commit of a checkout, or a source that was written since", () => {
    const directory = aCheckout();
    const file = join(directory, "daemon/a.ts");
    utimesSync(file, 1, 1);
    const build = new OwnBuild(directory);
    const now = Date.now() + 2 * lookLater;
    expect(build.movedTo(now)).toBeUndefined();
    utimesSync(file, new Date(), new Date(now - lookLater));
    expect(build.movedTo(now + lookLater)).toMatchObject({ version: "1.2.3", dirty: true });
    // A clock that was set back leaves files from a future that says nothing.
    utimesSync(file, new Date(), new Date(now + 10 * lookLater));
    expect(build.movedTo(now + 2 * lookLater)).toBeUndefined();
    git(directory, "commit", "-q", "--allow-empty", "-m", "more");
    expect(build.movedTo(now + 3 * lookLater)).toMatchObject({
      commit: git(directory, "rev-parse", "HEAD"),
    });
  });
});

describe("two builds", () => {
  const one = { version: "1.0.0", commit: "a".repeat(40) };

  it.each([
    { other: one, same: true, why: "the same" },
    { other: { ...one, dirty: true }, same: true, why: "a commit with changes, as far as we know" },
    { other: { version: "1.0.0" }, same: true, why: "of one version, a commit unknown" },
    { other: { ...one, commit: "b".repeat(40) }, same: false, why: "of two commits" },
    { other: { ...one, version: "1.0.1" }, same: false, why: "of two versions" },
  ])("$why: same is $same", ({ other, same }) => {
    expect(isSameBuild(one, other)).toBe(same);
  });

  it("are told in words", () => {
    expect(stampText(one)).toBe("1.0.0 (aaaaaaaaaaaa)");
    expect(stampText({ ...one, dirty: true })).toBe("1.0.0 (aaaaaaaaaaaa, dirty)");
    expect(stampText({ version: "1.0.0" })).toBe("1.0.0 (commit unknown)");
  });
});
