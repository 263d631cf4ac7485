import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "../../daemon/domain/attempt.ts";
import { withLook, type BoxMinute } from "../../daemon/domain/box-minute.ts";
import type { LimitOrigin, MemoryAsk } from "../../daemon/domain/footprint.ts";
import type { AttemptId, RunId } from "../../daemon/domain/ids.ts";
import { emptyCurve, withReading } from "../../daemon/domain/memory-curve.ts";
import type { RunEnd } from "../../daemon/domain/run.ts";
import { ok } from "../../daemon/domain/result.ts";
import type { Store } from "../../daemon/store/store.ts";
import { aPlan } from "./plans.ts";

const gib = 1024 ** 3;
const minute = 60_000;

/** An attempt of the night; times are minutes after its beginning, memory in GiB. */
interface Try {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly peak: number;
  readonly origin?: LimitOrigin;
  readonly outcome?: Outcome;
}

/** A run of the night. */
interface Tale {
  readonly name: string;
  readonly submitted: number;
  readonly tries: readonly Try[];
  readonly state?: "cancelled" | "failed";
  readonly end?: RunEnd;
  readonly recipe?: string;
  readonly schedule?: string;
  readonly stderr?: string;
  readonly memory?: MemoryAsk;
}

const measured: LimitOrigin = { kind: "measured", runId: "run_000000000001", peakNeedBytes: gib };
const oom = (limit: number): Outcome => ({ cause: "out-of-memory", limitBytes: limit * gib });
const exit = (exitCode: number): Outcome => ({ cause: "failed", exitCode });

const tales: readonly Tale[] = [
  {
    name: "nightly-train",
    submitted: 60,
    recipe: "digits",
    schedule: "nightly",
    tries: [
      { from: 61, to: 96, limit: 4, peak: 4, origin: { kind: "default" }, outcome: oom(4) },
      {
        from: 97,
        to: 150,
        limit: 6,
        peak: 6,
        origin: { kind: "escalated", killedAtBytes: 4 * gib },
        outcome: oom(6),
      },
      {
        from: 152,
        to: 391,
        limit: 9,
        peak: 7.4,
        origin: { kind: "escalated", killedAtBytes: 6 * gib },
      },
    ],
  },
  ...[0, 1, 2, 3, 4, 5].map((i) => ({
    name: "encode",
    submitted: 10,
    memory: { declaredBytes: 4 * gib },
    tries: [
      { from: 12 + 34 * i, to: 44 + 34 * i, limit: 1.25, peak: 0.9 + i / 50, origin: measured },
    ],
  })),
  {
    name: "backup",
    submitted: 240,
    schedule: "backup",
    state: "failed",
    stderr:
      'sending incremental file list\nrsync: [receiver] write failed on "/mnt/nas/home.img": No space left on device (28)\n',
    tries: [{ from: 240, to: 252, limit: 0.5, peak: 0.1, outcome: exit(11) }],
    end: { kind: "outcome", step: "main", outcome: exit(11) },
  },
  {
    name: "finetune-llama",
    submitted: 130,
    state: "failed",
    stderr: "step 1200 loss 1.93\nstep 1300 loss 1.91\n",
    tries: [
      { from: 131, to: 212, limit: 6, peak: 6, origin: { kind: "asked" }, outcome: oom(6) },
      {
        from: 214,
        to: 330,
        limit: 9,
        peak: 9,
        origin: { kind: "escalated", killedAtBytes: 6 * gib },
        outcome: oom(9),
      },
    ],
    end: {
      kind: "footprint-exceeds-host",
      step: "main",
      neededBytes: 14 * gib,
      ceilingBytes: 12 * gib,
    },
  },
  {
    name: "evaluate",
    submitted: 395,
    state: "failed",
    stderr:
      'Traceback (most recent call last):\n  File "eval.py", line 12, in <module>\nFileNotFoundError: weights.pt\n',
    tries: [{ from: 396, to: 398, limit: 2, peak: 0.6, outcome: exit(1) }],
    end: { kind: "outcome", step: "main", outcome: exit(1) },
  },
  {
    name: "evaluate",
    submitted: 430,
    tries: [{ from: 431, to: 462, limit: 2, peak: 0.8, origin: { kind: "declared" } }],
  },
  {
    name: "simulate",
    submitted: 205,
    tries: [{ from: 332, to: 530, limit: 8, peak: 2.2, origin: { kind: "asked" } }],
  },
  {
    name: "<script>alert(document.cookie)</script>",
    submitted: 560,
    state: "failed",
    stderr: '\u001b[31mERROR\u001b[0m <img src=x onerror=alert(1)> & "quotes"\n',
    tries: [
      {
        from: 561,
        to: 566,
        limit: 1,
        peak: 0.4,
        outcome: { cause: "killed-from-outside", by: "oomd" },
      },
    ],
    end: { kind: "outcome", step: "main", outcome: { cause: "killed-from-outside", by: "oomd" } },
  },
  {
    name: "render-intro",
    submitted: 540,
    state: "cancelled",
    tries: [{ from: 541, to: 571, limit: 3, peak: 1.7, outcome: { cause: "cancelled" } }],
    end: { kind: "outcome", step: "main", outcome: { cause: "cancelled" } },
  },
];

/** The night's length. */
export const nightMs = 11 * 60 * minute;

/**
 * Fills a store with a night as a box may have it: training that grew into its limits, a sweep of encodes, a
 * full disk, a recovery, near-misses, schedules. Logs are written into `runsDir`.
 */
export async function fillWithNight(store: Store, runsDir: string, beganAt: number): Promise<void> {
  const written = await store.write(() => {
    store.events.append({
      at: beganAt - 5 * 86_400_000,
      kind: "daemon.started",
      facts: { bootId: "boot-1" },
    });
    store.events.append({
      at: beganAt + 300 * minute,
      kind: "daemon.started",
      facts: { bootId: "boot-1" },
    });
    const minutes = new Map<number, BoxMinute>();
    tales.forEach((tale, i) => {
      insertTale(store, runsDir, beganAt, tale, i + 1, minutes);
    });
    for (const each of minutes.values()) store.boxMinutes.add(each);
    insertTicks(store, beganAt);
    return ok(undefined);
  });
  if (!written.ok) throw new Error(written.error.message);
}

function insertTale(
  store: Store,
  runsDir: string,
  beganAt: number,
  tale: Tale,
  number: number,
  minutes: Map<number, BoxMinute>,
): void {
  const id = `run_night${String(number).padStart(7, "0")}` as RunId;
  const {
    name,
    tries,
    state = "succeeded",
    recipe,
    schedule,
    submitted,
    end,
    stderr = "",
    memory = {},
  } = tale;
  const at = (minutesIn: number): number => beganAt + minutesIn * minute;
  const [first] = tries;
  const last = tries.at(-1);
  const plan = {
    ...aPlan({ memory, output: { kind: "model", files: [] } }),
    ...(recipe !== undefined && {
      recipe: { name: recipe, file: `/recipes/${recipe}.toml`, points: {}, fingerprint: "f" },
    }),
  };
  store.runs.insert(
    {
      ...{ id, name, state, priority: 0, failFast: false, pinned: false },
      ...{ planDigest: `plan-${name}`, environmentDigest: "e", bodyDigest: "b" },
      ...{ createdAt: at(submitted), startedAt: at(first?.from ?? 0), endedAt: at(last?.to ?? 0) },
      exitCode: state === "succeeded" ? 0 : 1,
      ...(end !== undefined && { end }),
    },
    plan,
    {},
  );
  store.steps.insert(id, "main", state);
  tries.forEach((each, i) => {
    const attemptId = `att_night${String(number * 10 + i).padStart(7, "0")}` as AttemptId;
    const directory = join(runsDir, id, "main", String(i + 1));
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, "stderr.log"), stderr, { mode: 0o600 });
    writeFileSync(join(directory, "stdout.log"), "", { mode: 0o600 });
    insertTry(store, { id: attemptId, runId: id, directory, number: i + 1 }, each, at, minutes);
  });
  if (schedule !== undefined) {
    store.schedules.insertTick({
      ...{ schedule, instant: at(submitted), cause: "clock", at: at(submitted), runId: id },
      state,
    });
  }
}

function insertTry(
  store: Store,
  row: { id: AttemptId; runId: RunId; directory: string; number: number },
  { from, to, limit, peak, origin = { kind: "default" }, outcome = { cause: "succeeded" } }: Try,
  at: (minutesIn: number) => number,
  minutes: Map<number, BoxMinute>,
): void {
  store.attempts.insert({
    ...row,
    ...{ step: "main", state: "ended", containment: "systemd", bootId: "boot-1" },
    ...{ limitBytes: limit * gib, limitOrigin: origin, outcome },
    ...{ createdAt: at(from), startedAt: at(from), endedAt: at(to) },
    peaks: {
      needBytes: Math.round(peak * gib),
      oomEvents: 0,
      oomKills: 0,
      rodeLimit: false,
      leftovers: 0,
    },
  });
  let curve = emptyCurve;
  for (let minutesIn = from; minutesIn < to; minutesIn += 0.5) {
    const needBytes = Math.round(needAt((minutesIn - from) / (to - from), peak, row.number) * gib);
    curve = withReading(curve, (minutesIn - from) * minute, needBytes);
    const key = at(Math.floor(minutesIn));
    const known = minutes.get(key);
    const isTight = minutesIn >= 205 && minutesIn < 214;
    minutes.set(key, {
      ...withLook(known, {
        ...{
          at: key,
          sinceMs: 30_000,
          running: 1,
          waiting: minutesIn > 15 && minutesIn < 332 ? 3 : 0,
        },
        ...{ budgetBytes: 20 * gib, floorBytes: 2 * gib, limitBytes: limit * gib, needBytes },
        availableBytes: 23 * gib - needBytes,
        pressureFull: isTight ? 11.5 : minutesIn > 320 && minutesIn < 330 ? 3 : 0,
        pressureSome: isTight ? 20 : 0,
      }),
      // What runs beside it is in the same minute.
      limitBytes: (known?.limitBytes ?? 0) + (minutesIn % 1 === 0 ? limit * gib : 0),
      needBytes: (known?.needBytes ?? 0) + (minutesIn % 1 === 0 ? needBytes : 0),
      availableBytes:
        (known?.availableBytes ?? 23 * gib) -
        (minutesIn % 1 === 0 ? needBytes : 0) -
        (isTight && known === undefined ? 11.5 * gib : 0),
      ...(minutesIn > 15 && minutesIn < 332 && { headWait: "memory-budget" }),
    });
  }
  store.memoryCurves.add(row.id, curve);
}

/** A course that rises, holds and breathes a little. */
function needAt(share: number, peak: number, phase: number): number {
  const rise = Math.min(1, 0.25 + share * 1.1);
  return peak * rise * (0.93 + 0.07 * Math.sin(share * 40 + phase));
}

function insertTicks(store: Store, beganAt: number): void {
  const at = (minutesIn: number): number => beganAt + minutesIn * minute;
  for (let hour = 0; hour < 11; hour++) {
    const state = hour === 5 ? "missed" : hour === 6 ? "skipped" : undefined;
    if (state === undefined) continue;
    store.schedules.insertTick({
      ...{
        schedule: "mirror",
        instant: at(hour * 60),
        at: at(hour * 60 + 2),
        cause: "clock",
        state,
      },
      because: state === "missed" ? "nobody was there" : "run_night0000010 has not ended",
    });
  }
  store.schedules.put({
    ...{ name: "flaky-sync", handledAt: at(400), failures: 5, retries: 0, pausedAt: at(400) },
  });
}
