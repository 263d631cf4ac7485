import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../../daemon/base/clock.ts";
import type { Checkpoint } from "../../../../daemon/domain/artifact.ts";
import { EventLog } from "../../../../daemon/events/event-log.ts";
import { resumeFile } from "../../../../daemon/executor/attempt/resume.ts";
import type { RunBooks } from "../../../../daemon/executor/run-books.ts";
import type { AttemptRow } from "../../../../daemon/store/attempts.ts";
import { anAttempt, aRun, environment, keep, plan } from "../../store/support/rows.ts";
import { openStore, scratchDirectory } from "../../store/support/scratch.ts";

describe("what the next attempt goes on from", () => {
  let runsDir: string;
  let books: RunBooks;
  let row: AttemptRow;
  /** The checkpoint directory of this run's step, and of the run before it. */
  let own: string;
  let earlier: string;

  beforeEach(async () => {
    runsDir = scratchDirectory();
    const store = openStore();
    books = { store, events: new EventLog(store, systemClock, { keep: 1000 }), clock: systemClock };
    const run = aRun(1);
    row = anAttempt(1, { number: 2, directory: path.join(runsDir, run.id, "main/2") });
    own = path.join(runsDir, run.id, "main/checkpoints");
    earlier = path.join(runsDir, "run_earlier", "main/checkpoints");
    for (const directory of [own, earlier]) {
      mkdirSync(directory, { recursive: true });
      writeFileSync(path.join(directory, "epoch-3"), "3");
    }
    await keep(store, () => {
      store.runs.insert(run, plan, environment);
      store.steps.insert(run.id, "main", "running", { cacheKey: "key" });
    });
  });

  async function resumedFrom(
    file: string,
    more: Partial<Checkpoint> = {},
  ): Promise<string | undefined> {
    await keep(books.store, () => {
      const checkpoint = { key: "key", file, at: 1, ...more };
      books.store.steps.setCheckpoint(row.runId, "main", checkpoint);
    });
    return resumeFile(books, row);
  }

  const refusals = (): unknown[] => books.events.since(0, 10).map(({ facts }) => facts["detail"]);

  it("is nothing, and no problem, where there is no checkpoint", async () => {
    expect(await resumeFile(books, row)).toBeUndefined();
    expect(refusals()).toEqual([]);
  });

  it("is the step's last one, also of the run that this one repeats", async () => {
    for (const directory of [own, earlier]) {
      const file = path.join(directory, "epoch-3");
      expect(await resumedFrom(file)).toBe(file);
    }
    expect(refusals()).toEqual([]);
  });

  it("is nothing when the step's key is another one now, and that is told", async () => {
    expect(await resumedFrom(path.join(own, "epoch-3"), { key: "other" })).toBeUndefined();
    expect(books.events.since(0, 10)).toMatchObject([
      {
        kind: "step.problem",
        runId: row.runId,
        attemptId: row.id,
        facts: {
          step: "main",
          number: 2,
          reason: "resume-refused",
          detail: "the step's inputs, code or arguments are not those that it was left with",
        },
      },
    ]);
  });

  it("is nothing when the file has gone", async () => {
    rmSync(path.join(own, "epoch-3"));
    expect(await resumedFrom(path.join(own, "epoch-3"))).toBeUndefined();
    expect(refusals()).toEqual(["there is no such file"]);
  });

  it("security: is never a link, nor anything outside of a checkpoint directory", async () => {
    symlinkSync("/etc/passwd", path.join(own, "link"));
    writeFileSync(path.join(runsDir, "run_earlier/main/epoch-4"), "4");
    for (const file of [
      path.join(own, "link"),
      path.join(runsDir, "run_earlier/main/epoch-4"),
      "/etc/passwd",
    ]) {
      expect(await resumedFrom(file)).toBeUndefined();
    }
    const outside = "it is outside of the checkpoint directory";
    expect(refusals()).toEqual(["it is not a regular file", outside, outside]);
  });
});
