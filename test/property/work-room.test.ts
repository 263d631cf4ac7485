import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { pino } from "pino";
import { expect, test } from "vitest";
import { Ledger } from "../../daemon/broker/ledger.ts";
import type { DaemonConfig } from "../../daemon/config/config.ts";
import { loadConfig } from "../../daemon/config/load.ts";
import type { AttemptId } from "../../daemon/domain/ids.ts";
import { gib } from "../../daemon/domain/quantity.ts";
import { ok } from "../../daemon/domain/result.ts";
import { WorkRoom } from "../../daemon/main/parts/work-room.ts";
import { Reloader } from "../../daemon/main/service/reloader.ts";
import { Notifier } from "../../daemon/systemd/service/notifier.ts";
import { unwrap } from "../daemon/store/support/rows.ts";

const firstGib = 8;

function configOf(budgetGib: number): DaemonConfig {
  return unwrap(
    loadConfig({
      ...{ uid: 1000, env: { HOME: "/home/ada", XDG_RUNTIME_DIR: "/run/user/1000" }, flags: {} },
      readFile: () => ok(`memory.budget = "${String(budgetGib)}G"`),
      memTotalBytes: 64 * gib,
    }),
  );
}

/** How systemd takes a change: it does it, or not, and says so or does not answer in time. */
const answers = ["done", "refused", "done unheard", "not done, unheard"] as const;
type Answer = (typeof answers)[number];

/** A daemon's room, reloads and ledger around a systemd that answers when the test says so. */
class Bed {
  readonly config = configOf(firstGib);
  readonly ledger = new Ledger();
  sliceBytes = firstGib * gib;
  readonly #asked: { bytes: number; resolve: (isHeld: boolean) => void }[] = [];
  readonly #budgets: number[] = [];
  readonly #room: WorkRoom;
  readonly #reloader: Reloader;

  constructor() {
    const holdWork = (bytes: number): Promise<boolean> =>
      new Promise((resolve) => this.#asked.push({ bytes, resolve }));
    const { config, ledger } = this;
    this.#room = new WorkRoom(
      { container: { holdWork }, broker: { ledger }, memory: config.memory },
      this.sliceBytes,
    );
    this.#reloader = new Reloader({
      config,
      reread: () => ok(configOf(this.#budgets.shift() ?? firstGib)),
      notifier: Notifier.take({}, 0, () => undefined),
      logger: pino({}, { write: () => undefined }),
      hold: (bytes) => this.#room.widen(bytes),
      onChange: () => void this.#room.narrow(),
    });
  }

  reload(budgetGib: number): void {
    this.#budgets.push(budgetGib);
    void this.#reloader.reload();
  }

  /** As admission would: never beyond the budget that is in force. */
  start(sizeGib: number, n: number): void {
    const { memoryBytes } = this.ledger.totals();
    if (memoryBytes + sizeGib * gib > this.config.memory.budgetBytes) return;
    this.ledger.reserve({
      ...{ attemptId: `att_${String(n)}` as AttemptId, memoryBytes: sizeGib * gib, cpus: 0 },
      ...{ gpus: 0, vramBytes: 0, devices: [], pools: {}, locks: [] },
    });
  }

  end(): void {
    const [first] = this.ledger.all();
    if (first !== undefined) this.ledger.release(first.attemptId);
    void this.#room.narrow();
  }

  /** False when nothing was asked. */
  answer(how: Answer): boolean {
    const asked = this.#asked.shift();
    if (asked === undefined) return false;
    if (how.startsWith("done")) this.sliceBytes = asked.bytes;
    asked.resolve(how === "done");
    return true;
  }

  get neededBytes(): number {
    return Math.max(this.config.memory.budgetBytes, this.ledger.totals().memoryBytes);
  }

  /** Everything has been answered, and somebody ended after that. */
  async settle(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      do await setImmediate();
      while (this.answer("done"));
      this.end();
    }
    do await setImmediate();
    while (this.answer("done"));
  }
}

const acts = fc.array(
  fc.oneof(
    { arbitrary: fc.record({ reload: fc.integer({ min: 1, max: 16 }) }), weight: 2 },
    { arbitrary: fc.record({ start: fc.integer({ min: 1, max: 8 }) }), weight: 2 },
    { arbitrary: fc.record({ end: fc.constant(true) }), weight: 2 },
    { arbitrary: fc.record({ answer: fc.constantFrom<Answer>(...answers) }), weight: 3 },
    { arbitrary: fc.record({ answer: fc.constant<Answer>("done") }), weight: 3 },
  ),
  { maxLength: 30 },
);

test("the slice is never smaller than the budget in force or what was promised, and comes down to it", async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (all) => {
      const bed = new Bed();
      for (const [n, act] of all.entries()) {
        if ("reload" in act) bed.reload(act.reload);
        else if ("start" in act) bed.start(act.start, n);
        else if ("end" in act) bed.end();
        else bed.answer(act.answer);
        await setImmediate();
        expect(bed.sliceBytes).toBeGreaterThanOrEqual(bed.neededBytes);
      }
      await bed.settle();
      expect(bed.sliceBytes).toBe(bed.neededBytes);
    }),
    { numRuns: 300 },
  );
});
