import type { RunId } from "../domain/ids.ts";
import type { NoticeKind } from "../domain/notice.ts";
import type { CollectReason } from "../domain/retention.ts";
import type { RunEnd, RunState } from "../domain/run.ts";
import { fromJson } from "./json-column.ts";
import { present, type Columns } from "./present.ts";

/** A run as stored. Times are epoch ms; `endedAt` and `exitCode` are there exactly in a final state. */
export interface RunRow {
  readonly id: RunId;
  readonly name: string;
  readonly state: RunState;
  readonly planDigest: string;
  readonly environmentDigest: string;
  readonly priority: number;
  readonly dedupeKey?: string;
  readonly bodyDigest: string;
  readonly retriedFrom?: RunId;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Absent for a run that succeeded or has not ended. */
  readonly end?: RunEnd;
  readonly exitCode?: number;
  readonly cancelReason?: string;
  /** The first step that fails ends the rest, too. */
  readonly failFast: boolean;
  /** Kept from every pruning, with the artifacts it made. */
  readonly pinned: boolean;
  /** What a person is told of it; absent: what the configuration says. */
  readonly notify?: readonly NoticeKind[];
  /** Retention took its logs. */
  readonly logsGoneAt?: number;
  readonly logsGoneBecause?: CollectReason;
}

type Stored = Omit<RunRow, "failFast" | "pinned"> & {
  readonly failFast: 0 | 1;
  readonly pinned: 0 | 1;
};

/** What `SELECT ${runColumns}` gives. */
export type RunColumns = Columns<Stored, "end" | "notify">;

/** The select list of a whole run. */
export const runColumns = `id, name, state, plan_digest AS planDigest,
  environment_digest AS environmentDigest, priority, dedupe_key AS dedupeKey,
  body_digest AS bodyDigest, retried_from AS retriedFrom, created_at AS createdAt,
  started_at AS startedAt, ended_at AS endedAt, end_json AS "end", exit_code AS exitCode,
  cancel_reason AS cancelReason,
  fail_fast AS failFast, pinned, notify_json AS notify,
  logs_gone_at AS logsGoneAt, logs_gone_because AS logsGoneBecause`;

/** A run from its columns. */
export function toRun(row: RunColumns): RunRow {
  const { failFast, pinned, ...rest } = row;
  return {
    ...present({
      ...rest,
      end: row.end === null ? null : fromJson(row.end),
      notify: row.notify === null ? null : fromJson(row.notify),
    }),
    failFast: failFast === 1,
    pinned: pinned === 1,
  };
}
