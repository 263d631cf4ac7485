/**
 * How many durable submits a second the store acknowledges, and how long each waits, for 1, 50 and 500
 * that arrive at once: `node test/bench/submit-ack.ts [DIRECTORY]`, on the disk to be measured.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../daemon/base/clock.ts";
import { ok } from "../../daemon/domain/result.ts";
import { Store } from "../../daemon/store/store.ts";
import { aRun, insertReadyRun, unwrap } from "../daemon/store/support/rows.ts";

const lengthMs = 2000;
const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), "blut-bench-"));
const store = unwrap(Store.open(join(directory, "blut.db"), systemClock));
let n = 0;

for (const clients of [1, 50, 500]) {
  const waitsMs: number[] = [];
  const startedAtMs = performance.now();
  await Promise.all(
    Array.from({ length: clients }, () => submitUntil(startedAtMs + lengthMs, waitsMs)),
  );
  const seconds = (performance.now() - startedAtMs) / 1000;
  waitsMs.sort((a, b) => a - b);
  const at = (share: number): string =>
    (waitsMs[Math.floor(waitsMs.length * share)] ?? 0).toFixed(2);
  console.log(
    `${clients} at once: ${(waitsMs.length / seconds).toFixed(0)}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  );
}
store.close();
rmSync(directory, { recursive: true });

async function submitUntil(endAtMs: number, waitsMs: number[]): Promise<void> {
  while (performance.now() < endAtMs) {
    const askedAtMs = performance.now();
    const run = aRun(++n);
    unwrap(
      await store.write(() => {
        insertReadyRun(store, run);
        store.events.append({ at: n, kind: "run.queued", runId: run.id, facts: {} });
        return ok(undefined);
      }),
    );
    waitsMs.push(performance.now() - askedAtMs);
  }
}
