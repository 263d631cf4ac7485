/**
 * A small program that writes and says so: `writer.ts FILE FIRST COUNT` stores runs one by one and prints
 * `ack N` for each that was acknowledged, `refused REASON` for each that was not, and `broken REASON`
 * when the store says so. Output is written at once, so that a line proves the answer was out.
 */
import { writeSync } from "node:fs";
import { systemClock } from "../../../../daemon/base/clock.ts";
import { ok } from "../../../../daemon/domain/result.ts";
import { Store } from "../../../../daemon/store/store.ts";
import { aRun, insertReadyRun, unwrap } from "./rows.ts";

const [, , file = "", first = "1", count = "1000000"] = process.argv;
const store = unwrap(Store.open(file, systemClock));
store.onBroken((failure) => {
  say(`broken ${failure.reason}`);
});
say("open");
const from = Number(first);
for (let n = from; n < from + Number(count); n++) {
  const result = await store.write(() => {
    const run = aRun(n);
    insertReadyRun(store, run);
    store.events.append({ at: n, kind: "run.queued", runId: run.id, facts: {} });
    return ok(undefined);
  });
  say(result.ok ? `ack ${n}` : `refused ${result.error.reason}`);
}
say(`kept ${store.runs.counts().queued}`);
store.close();
say("closed");

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
