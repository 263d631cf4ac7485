import fc from "fast-check";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import {
  attemptSources,
  attemptStates,
  stopCauses,
  type AttemptState,
} from "../../daemon/domain/attempt.ts";
import { noticeStates } from "../../daemon/domain/notice.ts";
import {
  finalRunStates,
  isFinal,
  runSources,
  runStates,
  stepSources,
  stepStates,
  type RunState,
  type StepState,
} from "../../daemon/domain/run.ts";
import { migrate, readMigrations } from "../../daemon/store/migrate.ts";
import {
  aRun,
  anAttempt,
  attemptId,
  environment,
  keep,
  plan,
  runId,
} from "../daemon/store/support/rows.ts";
import { openStore } from "../daemon/store/support/scratch.ts";

/** The words of every `column IN ('a', 'b')` in a table's definition, sorted. */
function checkedWords(table: string, column: string): string[][] {
  const database = new Database(":memory:");
  migrate(database, readMigrations());
  const sql = database
    .prepare<[string], string>("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .pluck()
    .get(table);
  database.close();
  return [...(sql ?? "").matchAll(new RegExp(`\\b${column} IN \\(([^)]*)\\)`, "g"))].map(
    ([, words = ""]) => [...words.matchAll(/'([^']*)'/g)].map(([, word = ""]) => word).sort(),
  );
}

describe("the database and the domain name the same words", () => {
  test.each([
    ["runs", "state", [runStates, finalRunStates]],
    ["steps", "state", [stepStates]],
    ["attempts", "state", [attemptStates]],
    ["attempts", "stop_cause", [stopCauses]],
    ["attempts", "containment", [["systemd", "polling"]]],
    ["run_waits", "kind", [["needs", "after"]]],
    ["notices", "state", [noticeStates]],
  ] as const)("%s.%s", (table, column, unions) => {
    expect(checkedWords(table, column)).toStrictEqual(unions.map((union) => [...union].sort()));
  });

  test("and there is a counter for each state of a run", () => {
    const names = [...runStates.map((state) => `runs.${state}`), "ready_steps"];
    expect(checkedWords("counts", "name")).toStrictEqual([names.sort()]);
  });
});

describe("a row moves only as the domain's table says", () => {
  test("runs, and their counters with them", async () => {
    const store = openStore();
    const model = new Map<string, RunState>();
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...runStates), { maxLength: 12 }),
        async (moves) => {
          const { id } = aRun(++n);
          model.set(id, "queued");
          await keep(store, () => {
            store.runs.insert(aRun(n), plan, environment);
            for (const to of moves) {
              const from = model.get(id) ?? "queued";
              const legal = runSources[to].includes(from);
              expect(store.runs.move(id, to, { at: 1 }), `${from} to ${to}`).toBe(legal);
              if (legal) model.set(id, to);
            }
          });
          const state = model.get(id) ?? "queued";
          const row = store.runs.get(id);
          expect(row?.state).toBe(state);
          expect(row?.endedAt !== undefined).toBe(isFinal(state));
          expect(row?.exitCode !== undefined).toBe(isFinal(state));
          const states = [...model.values()];
          expect(store.runs.counts()).toStrictEqual({
            queued: states.filter((each) => each === "queued").length,
            running: states.filter((each) => each === "running").length,
            ended: states.filter(isFinal).length,
          });
        },
      ),
    );
  });

  test("steps", async () => {
    const store = openStore();
    let n = 0;
    const step = fc.constantFrom(...stepStates);
    await fc.assert(
      fc.asyncProperty(step, fc.array(step, { maxLength: 12 }), async (first, moves) => {
        const id = runId(++n);
        let state: StepState = first;
        await keep(store, () => {
          store.runs.insert(aRun(n), plan, environment);
          store.steps.insert(id, "main", first);
          for (const to of moves) {
            const legal = stepSources[to].includes(state);
            expect(store.steps.move(id, "main", to), `${state} to ${to}`).toBe(legal);
            if (legal) state = to;
          }
        });
        expect(store.steps.get(id, "main")?.state).toBe(state);
      }),
    );
  });

  test("attempts, which stop for their first cause that is no warning, and end with their first outcome", async () => {
    const store = openStore();
    let n = 0;
    const move = fc.constantFrom("running", "ended", ...stopCauses);
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 12 }), async (moves) => {
        const id = attemptId(++n);
        const model: { state: AttemptState; cause?: string; endedAt?: number } = {
          state: "starting",
        };
        await keep(store, () => {
          store.runs.insert(aRun(n), plan, environment);
          store.steps.insert(runId(n), "main", "running");
          const attempt = anAttempt(n);
          store.attempts.insert(attempt);
          for (const [i, to] of moves.entries()) {
            const at = attempt.createdAt + i;
            if (to !== "running" && to !== "ended") {
              const isOpen =
                [undefined, "soft-timeout"].includes(model.cause) && model.cause !== to;
              const legal = model.state !== "ended" && isOpen;
              expect(store.attempts.stop(id, to)).toBe(legal);
              if (legal) model.cause = to;
              continue;
            }
            const legal = attemptSources[to].includes(model.state);
            const moved =
              to === "running"
                ? store.attempts.started(id, at)
                : store.attempts.ended(id, {
                    at,
                    outcome: { cause: "lost", why: "test" },
                    peaks: { oomEvents: 0, oomKills: 0, rodeLimit: false, leftovers: 0 },
                  });
            expect(moved, `${model.state} to ${to}`).toBe(legal);
            if (legal) model.state = to;
            if (legal && to === "ended") model.endedAt = at;
          }
        });
        const row = store.attempts.get(id);
        expect([row?.state, row?.stopCause, row?.endedAt]).toStrictEqual([
          model.state,
          model.cause,
          model.endedAt,
        ]);
        expect(row?.outcome !== undefined).toBe(model.state === "ended");
      }),
    );
  });
});
