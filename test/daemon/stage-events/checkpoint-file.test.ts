import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkpointFile } from "../../../daemon/stage-events/checkpoint-file.ts";

describe("a checkpoint that a stage names", () => {
  let home: string;
  let directory: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), "checkpoint-"));
    directory = path.join(home, "checkpoints");
    mkdirSync(path.join(directory, "deep"), { recursive: true });
    writeFileSync(path.join(directory, "epoch-1"), "1");
    writeFileSync(path.join(directory, "deep/epoch-2"), "2");
    writeFileSync(path.join(directory, "..hidden"), "3");
    writeFileSync(path.join(home, "outside"), "secret");
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  it.each(["epoch-1", "./epoch-1", "deep/epoch-2", "deep/../epoch-1", "..hidden"])(
    "is %s inside the directory",
    (named) => {
      const file = path.join(directory, named);
      expect(checkpointFile(directory, named)).toMatchObject({ ok: true, value: { path: file } });
      expect(checkpointFile(directory, file).ok).toBe(true);
    },
  );

  it.each(["../outside", "/etc/passwd", ".", "..", "deep/../../outside", "../checkpoints-2/x"])(
    "security: is refused where it is outside: %s",
    (named) => {
      const error = "it is outside of the checkpoint directory";
      expect(checkpointFile(directory, named)).toEqual({ ok: false, error });
    },
  );

  it("is refused where it is not there, or no regular file", () => {
    expect(checkpointFile(directory, "epoch-9")).toMatchObject({ error: "there is no such file" });
    expect(checkpointFile(directory, "deep")).toMatchObject({ error: "it is not a regular file" });
  });

  it("security: is refused where a link is it, or leads to it", () => {
    symlinkSync(path.join(home, "outside"), path.join(directory, "link"));
    symlinkSync(home, path.join(directory, "up"));
    symlinkSync("epoch-1", path.join(directory, "inside"));
    for (const named of ["link", "inside"]) {
      expect(checkpointFile(directory, named)).toMatchObject({ error: "it is not a regular file" });
    }
    expect(checkpointFile(directory, "up/outside")).toMatchObject({
      error: "a link is on the way to it",
    });
  });

  it("security: is refused where the directory itself was made a link", () => {
    renameSync(directory, path.join(home, "moved"));
    symlinkSync(path.join(home, "moved"), directory);
    expect(checkpointFile(directory, "epoch-1").ok).toBe(false);
  });

  it("may have a second name: that is how the one before it is kept", () => {
    linkSync(path.join(directory, "epoch-1"), path.join(directory, "previous"));
    expect(checkpointFile(directory, "epoch-1").ok).toBe(true);
  });
});
