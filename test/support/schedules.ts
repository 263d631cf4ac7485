import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { BlutEvent } from "../../daemon/domain/event.ts";
import type { Rig } from "./rig.ts";

/** Puts a schedule's file where the rig's daemon looks. */
export function putSchedule(rig: Rig, name: string, text: string): void {
  const directory = path.join(rig.directory, "schedules");
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, `${name}.toml`), text);
}

/** Every event of a kind that the rig has seen. */
export function eventsOf(rig: Rig, kind: BlutEvent["kind"]): BlutEvent[] {
  return rig.events.filter((event) => event.kind === kind);
}

/** Every instant from the first to the last has one row, and each of its runs belongs to one of them. */
export async function expectWhole(rig: Rig, name: string, everyMs = 1000): Promise<void> {
  const queued = async (): Promise<string[]> => {
    const { runs } = await rig.call("run.list", { limit: 1000 });
    return runs.filter((run) => run.name === name).map(({ id }) => id);
  };
  // It goes on firing meanwhile.
  const before = await queued();
  const { history } = await rig.call("schedule.get", { name, history: 1000 });
  const after = await queued();
  const instants = history.flatMap(({ instant, since = instant, count = 1 }) =>
    Array.from({ length: count }, (_, i) => since + i * everyMs),
  );
  instants.sort((a, b) => a - b);
  const [first = 0] = instants;
  assert.deepEqual(
    instants,
    instants.map((_, i) => first + i * everyMs),
  );
  const runs = history.flatMap(({ runId = [] }) => runId);
  assert.equal(new Set(runs).size, runs.length);
  assert.deepEqual(missing(before, runs), []);
  assert.deepEqual(missing(runs, after), []);
}

function missing(some: readonly string[], all: readonly string[]): string[] {
  return some.filter((each) => !all.includes(each));
}
