import { afterEach, beforeEach, expect, test } from "vitest";
import type { MethodResult } from "../../../daemon/protocol/methods.ts";
import { ClientRig } from "../../support/client-rig.ts";
import { gib, mib } from "../../support/wire-facts.ts";

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

const digest = "5ad0c4".padEnd(64, "e");
const day = 86_400_000;

function anArtifact(
  more: Partial<MethodResult<"artifact.get">> = {},
): MethodResult<"artifact.get"> {
  const at = Date.now() - 2 * day - 60_000;
  const entry = (name: string, type: "file" | "program" | "tree", bytes: number, files = 1) => {
    return { name, type, digest: name.charCodeAt(0).toString(16).padEnd(64, "0"), bytes, files };
  };
  return {
    digest,
    bytes: 3 * mib,
    files: 4,
    createdAt: at,
    lastUsedAt: at,
    path: `/state/artifacts/kept/5a/${digest}/content`,
    type: "tree",
    entries: [
      entry("model", "tree", 2 * mib, 2),
      entry("run.sh", "program", 120),
      entry("b\u001b[31m", "file", mib),
    ],
    entryCount: 3,
    results: [
      {
        key: "k",
        kind: "model",
        stepLabel: "digits/train",
        runId: "run_01j9x2c3d4e5",
        step: "train",
        createdAt: at,
        hits: 7,
      },
    ],
    ...more,
  };
}

test("artifact show says what is in it and what it stands in for", async () => {
  const daemon = await rig.daemon({ "artifact.get": () => anArtifact({ entryCount: 5 }) });
  const { code, stdout, stderr } = await rig.run(["artifact", "show", "5ad0", "--limit", "3"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(daemon.paramsOf("artifact.get")).toEqual([{ artifact: "5ad0", limit: 3 }]);
  const lines = stdout.split("\n");
  expect(lines[0]).toBe(digest);
  expect(stdout).toContain("4 files, 3 MiB");
  expect(stdout).toContain("2d ago");
  expect(lines).toContain("digits/train  model  run_01j9x2c3d4e5/train     7");
  expect(stdout).toMatch(/^model\/ +2M +2 {2}6d0000000000$/m);
  expect(stdout).toMatch(/^run\.sh\* +120 +720000000000$/m);
  expect(stdout).not.toContain("\u001b");
  expect(lines).toContain("2 more: raise --limit.");
});

test("artifact show of none is refused with 119", async () => {
  const message = "no artifact's digest begins with 5ad0";
  await rig.daemon({
    "artifact.get": () => ({ reason: "not-found", message, remedy: "look", retryable: false }),
  });
  const { code, stderr } = await rig.run(["artifact", "show", "5ad0"]);
  expect(code).toBe(119);
  expect(stderr).toContain(message);
});

test("cache stats tells what is kept and what it saved", async () => {
  const stats = { artifacts: 12, bytes: 3 * gib, storedBytes: gib, entries: 9, hits: 40 };
  await rig.daemon({ "cache.stats": () => ({ ...stats, savedMs: 5 * 3_600_000 }) });
  const { stdout } = await rig.run(["cache", "stats"]);
  expect(stdout).toBe(
    [
      "artifacts  12, 1 GiB on the disk (3 GiB without what they share)",
      "results    9",
      "hits       40, which saved 5h of work",
      "",
    ].join("\n"),
  );
});

test("cache prune sends sizes and ages, and says what went and what stayed", async () => {
  const row = {
    digest,
    bytes: 3 * mib,
    files: 4,
    createdAt: 0,
    lastUsedAt: Date.now() - 40 * day - 60_000,
  };
  const daemon = await rig.daemon({
    "cache.prune": () => ({
      dryRun: true,
      removed: 1,
      artifacts: [row],
      freedBytes: 2 * mib,
      storedBytes: gib,
      needed: 2,
    }),
  });
  const typed = ["cache", "prune", "--max-size", "20G", "--older-than", "30d", "--dry-run"];
  const { code, stdout } = await rig.run(typed);
  expect(code).toBe(0);
  const sent = { maxBytes: 20 * gib, olderThanMs: 30 * day, dryRun: true };
  expect(daemon.paramsOf("cache.prune")).toEqual([sent]);
  expect(stdout).toBe(
    [
      "ARTIFACT      SIZE  FILES     USED",
      "5ad0c4eeeeee    3M      4  40d ago",
      "Would remove 1 artifact, 2 MiB; 1 GiB would be left. 2 would stay: a live or pinned run needs them.",
      "",
    ].join("\n"),
  );
});

test("cache prune takes any size with a unit, and 0; a bare number may have lost its own", async () => {
  const answer = {
    dryRun: true,
    removed: 0,
    artifacts: [],
    freedBytes: 0,
    storedBytes: 0,
    needed: 0,
  };
  const daemon = await rig.daemon({ "cache.prune": () => answer });
  for (const size of ["100K", "1B", "0"]) {
    expect((await rig.run(["cache", "prune", "--max-size", size, "--dry-run"])).code).toBe(0);
  }
  const sent = [100 * 1024, 1, 0].map((maxBytes) => ({ maxBytes, dryRun: true }));
  expect(daemon.paramsOf("cache.prune")).toEqual(sent);
  const bare = await rig.run(["cache", "prune", "--max-size", "20"]);
  expect(bare.stderr).toContain("a bare number is bytes: 20M?");
});

test("cache prune without a rule never reaches the daemon", async () => {
  const daemon = await rig.daemon({});
  const { code, stderr } = await rig.run(["cache", "prune", "--dry-run"]);
  expect(code).toBe(2);
  expect(stderr).toContain("--older-than 30d");
  expect(daemon.paramsOf("cache.prune")).toEqual([]);
});

test.each([
  [[], 0, "12 artifacts, 1 GiB read: all as they were made.\n"],
  [
    [{ digest, why: "model/weights changed" }],
    117,
    [
      "ARTIFACT      WRONG",
      "5ad0c4eeeeee  model/weights changed",
      "12 artifacts, 1 GiB read: 1 is not as made, and out of the cache; made again when asked for.",
      "",
    ].join("\n"),
  ],
])("cache verify of %j exits with %i", async (rotten, exitCode, expected) => {
  const found = { artifacts: 12, files: 30, bytes: gib, rotten };
  await rig.daemon({ "cache.verify": () => found });
  const { code, stdout } = await rig.run(["cache", "verify"]);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: expected });
  const json = await rig.run(["cache", "verify", "--json"]);
  expect(json.code).toBe(exitCode);
  expect(JSON.parse(json.stdout)).toEqual(found);
});
