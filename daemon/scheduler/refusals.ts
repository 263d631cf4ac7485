import { footprintOf } from "../broker/estimate.ts";
import { neverFits } from "../broker/gpu/sentences.ts";
import { askWords, type AskWords } from "../domain/ask-words.ts";
import { exceedsSentence } from "../domain/end-words.ts";
import type { DaemonConfig } from "../config/config.ts";
import { failure, type Failure } from "../domain/failure.ts";
import type { GpuDevice } from "../domain/gpu.ts";
import type { Plan, Step } from "../domain/plan.ts";
import type { RunBooks } from "../executor/run-books.ts";

/** What the box has to give, at most. */
export interface BoxParts {
  readonly books: RunBooks;
  readonly config: DaemonConfig;
  readonly cpusTotal: number;
  readonly devices: readonly GpuDevice[];
  readonly queuedLimit: number;
}

/** What can never start on this box is refused now, not queued for ever. */
export function refusal(parts: BoxParts, plan: Plan): Failure | undefined {
  const { store } = parts.books;
  if (store.runs.counts().queued >= parts.queuedLimit) {
    return failure(
      "queue-full",
      `${String(parts.queuedLimit)} runs are waiting already`,
      "wait until some have ended, or cancel some",
      { retryable: true },
    );
  }
  const words = askWords(plan, "person");
  const seen = new Set<string>();
  for (const step of plan.steps) {
    // Of ten thousand steps most ask for the same.
    const { firstBytes, ceilingBytes, declaredBytes } = step.memory;
    const ask = [firstBytes, ceilingBytes, declaredBytes, step.calibrationKey].join(" ");
    const refused =
      (seen.has(ask) ? undefined : memoryRefusal(parts, step, words)) ??
      claimRefusal(parts, step, words);
    seen.add(ask);
    if (refused !== undefined) return plan.steps.length === 1 ? refused : ofStep(step, refused);
  }
  return undefined;
}

function memoryRefusal(parts: BoxParts, step: Step, words: AskWords): Failure | undefined {
  const { books, config } = parts;
  const { budgetBytes } = config.memory;
  const { memory: ask, calibrationKey: key } = step;
  const history = books.store.calibrations.get(key);
  const footprint = footprintOf({ ask, history, policy: config.memory, budgetBytes });
  if (footprint.ok) return undefined;
  const { neededBytes, ceilingBytes } = footprint.error;
  return failure(
    "never-fits",
    exceedsSentence(neededBytes, ceilingBytes),
    [ask.firstBytes, ask.declaredBytes].includes(neededBytes)
      ? `ask for less with ${words.memory}, or raise memory.budget in blut.toml`
      : `raise ${words.memoryMax} or memory.budget, or drop what was learnt: blutctl calibration forget '${key}'`,
    { data: { neededBytes, ceilingBytes } },
  );
}

function claimRefusal(
  { config, cpusTotal, devices }: BoxParts,
  step: Step,
  words: AskWords,
): Failure | undefined {
  if (step.claims.cpus > cpusTotal) {
    return failure(
      "never-fits",
      `it claims ${String(step.claims.cpus)} CPUs and the box gives ${String(cpusTotal)}`,
      `claim fewer with ${words.cpus}`,
    );
  }
  const never = neverFits(step.claims, devices);
  if (never !== undefined) {
    return failure("never-fits", never, `claim less with ${words.gpus}, or see gpus.devices`);
  }
  for (const [pool, count] of Object.entries(step.claims.pools)) {
    const total = config.pools[pool];
    if (total === undefined || count > total) {
      return failure(
        "never-fits",
        total === undefined
          ? `there is no pool ${pool}`
          : `it claims ${String(count)} of pool ${pool}, which has ${String(total)}`,
        `set [pools] ${pool} = ${String(count)} in blut.toml, then blutctl reload`,
      );
    }
  }
  return undefined;
}

/** Of many steps a person wants to know which. */
function ofStep(step: Step, refused: Failure): Failure {
  return { ...refused, message: `step ${step.name}: ${refused.message}` };
}
