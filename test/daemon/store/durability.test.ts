import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import { Store } from "../../../daemon/store/store.ts";
import { acknowledged, runWriter, type Ended } from "./support/child.ts";
import { aRun, insertReadyRun, keep, runId, unwrap } from "./support/rows.ts";
import { scratchDirectory } from "./support/scratch.ts";

/** Everything that was acknowledged is there, nothing is half there, and SQLite finds no damage. */
function expectAllThere(file: string, numbers: readonly number[]): void {
  const store = unwrap(Store.open(file, systemClock));
  for (const n of numbers) {
    expect(store.runs.get(runId(n)), `run ${n}`).toStrictEqual(aRun(n));
    expect(store.steps.get(runId(n), "main")?.state, `step of run ${n}`).toBe("ready");
  }
  const { queued } = store.runs.counts();
  expect(store.ready.count()).toBe(queued);
  expect(store.ready.head(0, 1_000_000)).toHaveLength(queued);
  expect(store.events.bounds().last).toBe(queued);
  store.close();
  const database = new Database(file, { readonly: true });
  expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(database.pragma("foreign_key_check")).toStrictEqual([]);
  database.close();
}

/** An empty database, whole and closed. */
function newDatabase(): string {
  const file = join(scratchDirectory(), "blut.db");
  unwrap(Store.open(file, systemClock)).close();
  return file;
}

const inject = (what: string): string[] => [
  "-e",
  `trace=${what.split(":")[0] ?? ""}`,
  "-e",
  `inject=${what}`,
];

test("fault 1: kill -9 at random moments loses nothing that was acknowledged, 30 times over", async () => {
  const file = join(scratchDirectory(), "blut.db");
  const kept: number[] = [];
  for (let cycle = 0; cycle < 30; cycle++) {
    const killAfter = randomInt(1, 40);
    let heard = 0;
    const { lines, signal } = await runWriter(file, {
      first: cycle * 1_000_000 + 1,
      onLine: (line, child) => {
        if (!line.startsWith("ack") || ++heard !== killAfter) return;
        // Somewhere within the next commits, not right after one.
        setTimeout(() => child.kill("SIGKILL"), Math.random() * 10);
      },
    }).done;
    expect(signal).toBe("SIGKILL");
    kept.push(...acknowledged(lines));
  }
  expect(kept.length).toBeGreaterThan(100);
  expectAllThere(file, kept);
}, 120_000);

describe("fault 2: kill -9 at a chosen system call loses nothing that was acknowledged", () => {
  test.each(["fsync", "pwrite64", "rename", "ftruncate", "unlink"])(
    "%s, from a new database to the last commit",
    async (call) => {
      const step = call === "pwrite64" ? 17 : 1;
      for (let when = 1; ; when += step) {
        const file = join(scratchDirectory(), "blut.db");
        const strace = inject(`${call}:signal=KILL:when=${when}`);
        const { lines } = await runWriter(file, { count: 6, strace }).done;
        expectAllThere(file, acknowledged(lines));
        if (lines.includes("closed")) {
          expect(when, `${call} was never met`).toBeGreaterThan(1);
          break;
        }
      }
    },
    120_000,
  );
});

// A disk of our own takes root; group-commit.test.ts proves the same on a database that may not grow.
describe.runIf(process.getuid?.() === 0)("fault 7: a full disk under the database", () => {
  test("is storage-full for writes, reads go on, and it heals by itself", async () => {
    const mount = scratchDirectory();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", mount]);
    onTestFinished(() => {
      execFileSync("umount", ["--lazy", mount]);
    });
    const file = join(mount, "blut.db");
    const store = unwrap(Store.open(file, systemClock));
    await keep(store, () => {
      insertReadyRun(store, aRun(1));
    });
    const ballast = join(mount, "ballast");
    fill(ballast);
    const broken: string[] = [];
    store.onBroken(({ reason }) => broken.push(reason));

    let n = 1;
    let refusal;
    const kept = [1];
    while (refusal === undefined) {
      n += 1;
      const run = aRun(n, { cancelReason: "x".repeat(50_000) });
      const written = await keepOrRefuse(store, () => {
        insertReadyRun(store, run);
      });
      if (written === "kept") kept.push(n);
      else refusal = written;
    }
    expect(refusal).toMatchObject({ reason: "storage-full", retryable: true });
    expect(store.runs.list({ limit: 1000 }).map(({ id }) => id)).toStrictEqual(
      kept.toReversed().map(runId),
    );

    rmSync(ballast);
    await keep(store, () => {
      insertReadyRun(store, aRun(n, { cancelReason: "x".repeat(50_000) }));
    });
    expect(broken).toStrictEqual([]);
    expect(store.runs.counts().queued).toBe(kept.length + 1);
    store.close();
    const again = unwrap(Store.open(file, systemClock));
    expect(again.runs.counts().queued).toBe(kept.length + 1);
    again.close();
  });

  test("when it is opened is storage-full", () => {
    const mount = scratchDirectory();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount]);
    onTestFinished(() => {
      execFileSync("umount", ["--lazy", mount]);
    });
    const opened = Store.open(join(mount, "blut.db"), systemClock);
    expect(opened).toMatchObject({ ok: false, error: { reason: "storage-full" } });
  });
});

test("fault 7: a disk that is full from one write of the WAL on is storage-full, and nothing of it is kept", async () => {
  const file = newDatabase();
  const strace = ["-P", `${file}-wal`, ...inject("pwrite64:error=ENOSPC:when=60+")];
  const { lines, code } = await runWriter(file, { count: 20, strace }).done;
  expect(lines).toContain("refused storage-full");
  expect(lines.filter((line) => line.startsWith("broken"))).toStrictEqual([]);
  expect(acknowledged(lines).length).toBeGreaterThan(0);
  expect(code).toBe(0);
  const kept = Number(lines.find((line) => line.startsWith("kept"))?.slice(5));
  expect(kept).toBe(acknowledged(lines).length);
  expect(storedRuns(file)).toBe(kept);
});

describe("fault 8: a failed fsync", () => {
  async function writeWithFailingFsync(when: number): Promise<{ ended: Ended; file: string }> {
    const file = newDatabase();
    const strace = ["-P", `${file}-wal`, ...inject(`fsync:error=EIO:when=${when}`)];
    return { ended: await runWriter(file, { count: 10, strace }).done, file };
  }

  test("is not acknowledged, and nothing is ever written again", async () => {
    for (const when of [1, 3, 6]) {
      const { ended, file } = await writeWithFailingFsync(when);
      const marks = ended.lines.filter((line) => /^(ack|refused|broken)/.test(line));
      const good = when === 1 ? 0 : when - 2;
      expect(marks.map((line) => line.split(" ")[0])).toStrictEqual([
        ...Array.from({ length: good }, () => "ack"),
        "broken",
        ...Array.from({ length: 10 - good }, () => "refused"),
      ]);
      expect(ended.lines).toContain("broken storage-failed");
      expect(ended.lines).toContain(`kept ${good}`);
      // Closing has not moved the WAL over the disk that just failed.
      expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
      expectAllThere(file, acknowledged(ended.lines));
    }
  });

  test("of a checkpoint breaks the store too, though its rows were acknowledged", async () => {
    const file = newDatabase();
    // The database file itself is synced by a checkpoint only.
    const strace = ["-P", file, ...inject("fsync:error=EIO:when=1")];
    const { lines } = await runWriter(file, { count: 200, strace }).done;
    expect(lines).toContain("broken storage-failed");
    expect(acknowledged(lines).length).toBeGreaterThan(10);
    expectAllThere(file, acknowledged(lines));
  });
});

function storedRuns(file: string): number {
  const store = unwrap(Store.open(file, systemClock));
  const { queued } = store.runs.counts();
  store.close();
  return queued;
}

/** Writes until the disk is full. */
function fill(file: string): void {
  for (const bytes of [65536, 4096]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: "a" });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
  }
}

async function keepOrRefuse(store: Store, change: () => void) {
  const result = await store.write(() => {
    change();
    return { ok: true, value: undefined };
  });
  return result.ok ? "kept" : result.error;
}
