import { systemClock } from "../../../daemon/base/clock.ts";
import { digestOf } from "../../../daemon/base/digest.ts";
import { IdSource } from "../../../daemon/base/id-source.ts";
import type { Plan } from "../../../daemon/domain/plan.ts";
import { ok } from "../../../daemon/domain/result.ts";
import { aPlan } from "../../support/plans.ts";
import type { Store } from "../../../daemon/store/store.ts";

const batch = 1000;
const mib = 1024 ** 2;
const environment = { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" };

/** Plans as a person makes them: a hundred different commands, submitted again and again. */
const plans = Array.from({ length: 100 }, (_, i): Plan => {
  const argv: [string, ...string[]] = ["/usr/bin/encode", `--input=track-${i}.wav`, "--quality=8"];
  return aPlan({ argv, calibrationKey: "command:encode" });
});

/** Puts runs that ended well, so long ago, into a store, each with its attempt and events. */
export function fillWithEnded(store: Store, count: number, agoMs = 0): Promise<void> {
  return fill(store, count, (ids) => {
    const at = systemClock.now() - agoMs;
    const id = insertRun(store, ids, {
      state: "succeeded",
      startedAt: at,
      endedAt: at,
      exitCode: 0,
    });
    store.steps.insert(id, "main", "succeeded");
    const attemptId = ids.attemptId();
    store.attempts.insert({
      id: attemptId,
      runId: id,
      step: "main",
      number: store.steps.countAttempt(id, "main"),
      state: "ended",
      containment: "systemd",
      bootId: "an-earlier-boot",
      directory: `/nonexistent/runs/${attemptId}`,
      limitBytes: 512 * mib,
      limitOrigin: { kind: "default" },
      createdAt: at,
      startedAt: at,
      endedAt: at,
      outcome: { cause: "succeeded" },
      peaks: { needBytes: 200 * mib, oomEvents: 0, oomKills: 0, rodeLimit: false, leftovers: 0 },
    });
    store.events.append({ at, kind: "run.queued", runId: id, facts: { name: "encode" } });
    store.events.append({ at, kind: "run.succeeded", runId: id, facts: { exitCode: 0 } });
  });
}

/** Puts runs into the queue, and holds it: a daemon on this store starts none of them. */
export async function fillWithQueued(store: Store, count: number): Promise<void> {
  const hold = { mode: "pause", reason: "a figure is measured", since: systemClock.now() };
  await fill(store, count, (ids) => {
    const runId = insertRun(store, ids, { state: "queued" });
    store.steps.insert(runId, "main", "ready");
    store.ready.insert({
      runId,
      step: "main",
      priority: 0,
      weight: 1,
      notBeforeAt: 0,
      passedOver: 0,
    });
  });
  await store.write(() => {
    store.settings.set("hold", hold);
    return ok(undefined);
  });
}

type Standing = Pick<
  Parameters<Store["runs"]["insert"]>[0],
  "state" | "startedAt" | "endedAt" | "exitCode"
>;

function insertRun(store: Store, ids: IdSource, standing: Standing) {
  const id = ids.runId();
  const plan = plans[store.runs.counts().ended % plans.length] ?? plans[0];
  if (plan === undefined) throw new Error("no plans");
  const run = {
    id,
    name: "encode",
    planDigest: digestOf(plan),
    environmentDigest: digestOf(environment),
    priority: 0,
    bodyDigest: digestOf(plan),
    failFast: false,
    pinned: false,
    createdAt: systemClock.now(),
    ...standing,
  };
  store.runs.insert(run, plan, environment);
  return id;
}

async function fill(store: Store, count: number, insert: (ids: IdSource) => void): Promise<void> {
  const ids = new IdSource(systemClock, store.attempts.newestIdBody());
  for (let done = 0; done < count; done += batch) {
    const kept = await store.write(() => {
      for (let i = done; i < Math.min(count, done + batch); i++) insert(ids);
      return ok(undefined);
    });
    if (!kept.ok) throw new Error(kept.error.message);
  }
}
