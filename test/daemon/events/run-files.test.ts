import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import type { BlutEvent } from "../../../daemon/domain/event.ts";
import { EventLog } from "../../../daemon/events/event-log.ts";
import { RunFiles, type RunFilesParts } from "../../../daemon/events/run-files.ts";
import { keep, runId } from "../store/support/rows.ts";
import { openStore, scratchDirectory } from "../store/support/scratch.ts";

/** An event log with its files, which an earlier daemon may have left. */
class Bed {
  readonly runsDir = join(scratchDirectory(), "runs");
  readonly store = openStore();
  readonly events = new EventLog(this.store, systemClock, { keep: 100_000 });
  readonly warnings: string[] = [];

  /** A daemon's life; the caller flushes or stops it. */
  begin(more: Partial<RunFilesParts> = {}): RunFiles {
    const { store, events, runsDir } = this;
    const warn = (path: string, why: string): void => {
      this.warnings.push(`${path.slice(runsDir.length + 1)}: ${why}`);
    };
    const files = new RunFiles({
      store,
      events,
      clock: systemClock,
      runsDir,
      lineage: () => "",
      warn,
      ...more,
    });
    files.start();
    onTestFinished(() => files.stop());
    return files;
  }

  tell(run: number, count = 1): Promise<void> {
    return keep(this.store, () => {
      for (let i = 0; i < count; i++) {
        this.events.append("step.progress", { runId: runId(run), facts: { done: i } });
      }
    });
  }

  status(run: number): string {
    return join(this.runsDir, runId(run), "status.jsonl");
  }

  mirrored(run: number): BlutEvent[] {
    const lines = readFileSync(this.status(run), "utf8").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as BlutEvent);
  }

  told(run: number): BlutEvent[] {
    return this.events.since(0, 100_000).filter((event) => event.runId === runId(run));
  }
}

describe("status.jsonl", () => {
  it("has exactly the events of its run, as events.list gives them", async () => {
    const bed = new Bed();
    const files = bed.begin();
    for (let i = 0; i < 20; i++) {
      await bed.tell(i % 3, 60);
      await keep(bed.store, () => {
        bed.events.append("daemon.paused");
      });
    }
    await files.flush();
    for (const run of [0, 1, 2]) expect(bed.mirrored(run)).toEqual(bed.told(run));
    expect(bed.told(1).length).toBe(420);
  });

  it("security: is the owner's alone", async () => {
    const bed = new Bed();
    const files = bed.begin();
    await bed.tell(1);
    await files.flush();
    expect(lstatSync(bed.status(1)).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(bed.runsDir, runId(1))).mode & 0o777).toBe(0o700);
  });

  it("holds no file open between two events", async () => {
    const bed = new Bed();
    const files = bed.begin();
    for (let run = 0; run < 50; run++) await bed.tell(run);
    await files.flush();
    const open = readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        return [
          readFileSync(`/proc/self/fdinfo/${fd}`, "utf8") && lstatSync(`/proc/self/fd/${fd}`),
        ];
      } catch {
        return [];
      }
    });
    expect(open.length).toBeLessThan(50);
  });

  it("is made up for by the next daemon, each event once", async () => {
    const bed = new Bed();
    const first = bed.begin();
    await bed.tell(1, 3);
    await first.flush();
    await first.stop();
    await bed.tell(1, 4);
    await bed.tell(2, 2);
    await bed.begin().flush();
    expect(bed.mirrored(1)).toEqual(bed.told(1));
    expect(bed.mirrored(2)).toEqual(bed.told(2));
  });

  it("is made up for after a kill that left no mark and half a line", async () => {
    const bed = new Bed();
    const killed = bed.begin();
    await bed.tell(1, 5);
    await killed.flush();
    appendFileSync(bed.status(1), '{"seq":6,"at":17');
    await bed.tell(1, 2);
    await bed.begin().flush();
    expect(bed.mirrored(1)).toEqual(bed.told(1));
  });

  it("security: is not written through a link that the work left in its place", async () => {
    const bed = new Bed();
    const target = join(scratchDirectory(), "target");
    writeFileSync(target, "");
    mkdirSync(join(bed.runsDir, runId(1)), { recursive: true });
    symlinkSync(target, bed.status(1));
    const files = bed.begin();
    await bed.tell(1);
    await bed.tell(2);
    await bed.tell(1);
    await files.flush();
    expect(readFileSync(target, "utf8")).toBe("");
    expect(bed.mirrored(2)).toHaveLength(1);
    expect(bed.warnings).toEqual([`${runId(1)}/status.jsonl: ELOOP`]);
  });

  it("goes on where what is in the file is nobody's event", async () => {
    const bed = new Bed();
    mkdirSync(join(bed.runsDir, runId(1)), { recursive: true });
    writeFileSync(bed.status(1), `${"x".repeat(100_000)}\nhello\n`);
    const files = bed.begin();
    await bed.tell(1);
    await files.flush();
    expect(readFileSync(bed.status(1), "utf8").trimEnd().split("\n").at(-1)).toBe(
      JSON.stringify(bed.told(1)[0]),
    );
  });
});

describe("lineage.jsonl", () => {
  it("gets what the events of its run call for", async () => {
    const bed = new Bed();
    const files = bed.begin({
      lineage: (run, events) => (run === runId(1) ? `${run} ${events.length}\n` : ""),
    });
    await bed.tell(1, 2);
    await bed.tell(2, 2);
    await files.flush();
    const file = (run: number): string => join(bed.runsDir, runId(run), "lineage.jsonl");
    expect(readFileSync(file(1), "utf8")).toBe(`${runId(1)} 2\n`);
    expect(existsSync(file(2))).toBe(false);
  });

  it("of a row that cannot be read ends no daemon", async () => {
    const bed = new Bed();
    const files = bed.begin({
      lineage: () => {
        throw new Error("damaged");
      },
    });
    await bed.tell(1);
    await files.flush();
    expect(bed.warnings).toEqual([": Error: damaged"]);
  });
});
