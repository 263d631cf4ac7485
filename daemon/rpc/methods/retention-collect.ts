import type { KeepReason } from "../../domain/retention.ts";
import { ok } from "../../domain/result.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { Collected } from "../../retention/retention.ts";
import { define } from "../context.ts";

type Answer = MethodResult<"retention.collect">;

/** The others are only counted. */
const mostNamed = 200;
const mostExamples = 5;

/** Collects what the configuration or the caller does not want to be kept, or says what that is. */
export const retentionCollect = define(
  "retention.collect",
  async ({ dryRun, ...wish }, { retention }) => {
    const done = await retention.collect(wish, dryRun);
    if (!done.ok) return done;
    const { runs, logs, spared, events, artifacts, freedBytes, left, doubtMs } = done.value;
    return ok({
      ...{ dryRun, runs: runs.length, logs: logs.length, events, artifacts, freedBytes },
      items: itemsOf(done.value),
      kept: keptOf(spared),
      left: { runs: left.runs, logs: left.logs, bytes: left.logBytes + left.historyBytes },
      ...(doubtMs > 0 && { clockLeptMs: doubtMs }),
    });
  },
);

function itemsOf({ runs, logs }: Collected): Answer["items"] {
  const named = [
    ...runs.slice(0, mostNamed).map((item) => ({ ...item, what: "run" as const })),
    ...logs.slice(0, mostNamed).map((item) => ({ ...item, what: "logs" as const })),
  ];
  return named.slice(0, mostNamed).map(({ one, because, what }) => {
    const { id, name, endedAt } = one.run;
    return { id, name, what, because, bytes: one.bytes, endedAt };
  });
}

function keptOf(spared: Collected["spared"]): Answer["kept"] {
  const groups = Map.groupBy(spared, ({ because }): KeepReason | "last" => because);
  return [...groups].map(([because, some]) => ({
    because,
    runs: some.length,
    examples: some.slice(0, mostExamples).map(({ one }) => one.run.id),
  }));
}
