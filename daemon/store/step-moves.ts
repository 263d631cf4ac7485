import type { Database, Statement } from "better-sqlite3";
import type { ArtifactUse } from "../domain/artifact.ts";
import type { RunId } from "../domain/ids.ts";
import { stepSources, stepStates, type RunEnd, type StepState } from "../domain/run.ts";
import { toJson } from "./json-column.ts";
import { inList } from "./sql.ts";

/** What is known of a step once nothing more will happen to it. */
export interface StepFinal {
  readonly at: number;
  readonly end?: RunEnd;
  readonly because?: string;
  readonly output?: ArtifactUse;
  readonly cachedFrom?: RunId;
}

/** Moves of steps; one from a state that is no legal source moves nothing. */
export class StepMoves {
  readonly #moves: ReadonlyMap<StepState, Statement<[RunId, string]>>;
  readonly #finals: ReadonlyMap<StepState, Statement<[object]>>;
  readonly #endRest;

  constructor(database: Database) {
    const reachable = stepStates.filter((to) => stepSources[to].length > 0);
    const guard = (to: StepState): string => `state IN (${inList(stepSources[to])})`;
    this.#moves = new Map(
      reachable.map((to) => [
        to,
        database.prepare<[RunId, string]>(
          `UPDATE steps SET state = '${to}' WHERE run_id = ? AND name = ? AND ${guard(to)}`,
        ),
      ]),
    );
    this.#finals = new Map(
      reachable.map((to) => [
        to,
        database.prepare<[object]>(
          `UPDATE steps SET state = '${to}', ended_at = @at, end_json = @end, because = @because,
             output_digest = @outputDigest, output_kind = @outputKind, cached_from = @cachedFrom
           WHERE run_id = @runId AND name = @name AND ${guard(to)}`,
        ),
      ]),
    );
    this.#endRest = database.prepare<[StepState, number, string | null, RunId]>(
      `UPDATE steps SET state = ?, ended_at = ?, because = ?
       WHERE run_id = ? AND (state IN ('waiting', 'resolving', 'ready') OR (state = 'running'
         AND NOT EXISTS (SELECT 1 FROM attempts
           WHERE run_id = steps.run_id AND step = steps.name AND state <> 'ended')))`,
    );
  }

  move(runId: RunId, name: string, to: StepState): boolean {
    return this.#moves.get(to)?.run(runId, name).changes === 1;
  }

  finish(runId: RunId, name: string, to: StepState, final: StepFinal): boolean {
    const { at, end, because = null, output, cachedFrom = null } = final;
    const columns = {
      ...{ runId, name, at, because, cachedFrom },
      end: end === undefined ? null : toJson(end),
      outputDigest: output?.digest ?? null,
      outputKind: output?.kind ?? null,
    };
    return this.#finals.get(to)?.run(columns).changes === 1;
  }

  endRest(runId: RunId, to: StepState, at: number, because: string | null): void {
    this.#endRest.run(to, at, because, runId);
  }
}
