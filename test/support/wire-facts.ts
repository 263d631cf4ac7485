import type { MethodResult } from "../../daemon/protocol/methods.ts";

type Summary = MethodResult<"run.list">["runs"][number];
type Detail = MethodResult<"run.get">;

export const mib = 1024 ** 2;
export const gib = 1024 ** 3;

/** A run that ended well, as one row; tests say what differs. */
export function aRun(more: Partial<Summary> = {}): Summary {
  const now = Date.now();
  return {
    id: "run_01j9x2c3d4e5",
    name: "encode",
    state: "succeeded",
    command: "./encode.sh big.wav",
    priority: 0,
    createdAt: now - 3_600_000,
    startedAt: now - 3_599_000,
    endedAt: now - 3_599_000 + 65_000,
    attempts: 1,
    limitBytes: gib,
    peakNeedBytes: 812 * mib,
    end: { kind: "outcome", step: "main", outcome: { cause: "succeeded" } },
    exitCode: 0,
    ...more,
  };
}

/** A run that waits. */
export function aQueuedRun(more: Partial<Summary> = {}): Summary {
  const { id, name, command, priority } = aRun();
  return {
    ...{ id, name, command, priority, state: "queued", attempts: 0 },
    createdAt: Date.now() - 65_500,
    ...more,
  };
}

/** A run with two attempts, the first killed at its own limit. */
export function aDetail(more: Partial<Detail> = {}): Detail {
  const run = aRun({ attempts: 2 });
  const attempt = {
    step: "main",
    state: "ended",
    oomKills: 0,
    rodeLimit: false,
    leftovers: 0,
    createdAt: run.createdAt,
  } as const;
  return {
    ...run,
    attempts: 2,
    containment: "systemd",
    needs: [],
    after: [],
    sentence: "succeeded at attempt 2",
    steps: [
      {
        name: "main",
        state: "succeeded",
        stage: "encode.sh",
        needs: [],
        attempts: 2,
        argv: ["./encode.sh", "big.wav"],
        cwd: "/home/ada/sounds",
        calibrationKey: "command:encode.sh",
      },
    ],
    stepCounts: { succeeded: 1 },
    failFast: false,
    pinned: false,
    history: [
      {
        ...attempt,
        id: "att_01j9x2c3d4e6",
        number: 1,
        limitBytes: 512 * mib,
        limitOrigin: { kind: "default" },
        limitSentence: "512 MiB: the configured default, nothing is known of this command yet",
        startedAt: run.createdAt + 1000,
        endedAt: run.createdAt + 6000,
        peakNeedBytes: 510 * mib,
        peakTotalBytes: 512 * mib,
        oomKills: 1,
        rodeLimit: true,
        outcome: { cause: "out-of-memory", limitBytes: 512 * mib },
        directory: "/home/ada/.local/state/blut/runs/att_01j9x2c3d4e6",
      },
      {
        ...attempt,
        id: "att_01j9x2c3d4e7",
        number: 2,
        limitBytes: gib,
        limitOrigin: { kind: "escalated", runId: run.id, killedAtBytes: 512 * mib },
        limitSentence: "1 GiB: it was killed at 512 MiB, so it gets twice that",
        unit: "blut-att_01j9x2c3d4e7.scope",
        startedAt: run.createdAt + 7000,
        endedAt: run.createdAt + 67_000,
        peakNeedBytes: 812 * mib,
        peakTotalBytes: 1000 * mib,
        cpuUsageUsec: 55_000_000,
        outcome: { cause: "succeeded" },
        directory: "/home/ada/.local/state/blut/runs/att_01j9x2c3d4e7",
      },
    ],
    ...more,
  };
}

/** A box with work on it. */
export function aStatus(
  more: Partial<MethodResult<"daemon.status">> = {},
): MethodResult<"daemon.status"> {
  return {
    version: "0.1.0",
    protocol: "1.0.0",
    restart: "systemctl --user restart blutd",
    pid: 4242,
    startedAt: Date.now() - 11_520_000,
    containment: "systemd",
    containmentSentence: "systemd scopes of the user manager; the kernel holds every limit",
    memory: {
      totalBytes: 24 * gib,
      availableBytes: 12_700 * mib,
      budgetBytes: 20 * gib,
      reservedBytes: 8 * gib,
      usedBytes: 5 * gib,
      reserveBytes: 2 * gib,
      pressureFullAvg10: 0,
    },
    cpus: { total: 8, reserved: 3 },
    gpus: [],
    pools: [],
    counts: { queued: 0, running: 0, ended: 0 },
    schedules: { on: 0, off: 0, paused: 0, broken: 0 },
    health: [],
    running: [],
    waiting: [],
    recent: [],
    ...more,
  };
}
