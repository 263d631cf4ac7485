import type { Plan } from "./plan.ts";

/** Who asked for a run. */
export type Asker = "person" | "schedule";

/** How what a step asks for is said by whoever asks: what a remedy has to name. */
export interface AskWords {
  readonly memory: string;
  readonly memoryMax: string;
  readonly memoryTries: string;
  readonly timeout: Readonly<Record<"soft" | "hard", string>>;
  readonly cpus: string;
  readonly gpus: string;
}

const ofCommand: AskWords = {
  memory: "--mem",
  memoryMax: "--mem-max",
  memoryTries: "--oom-retries",
  timeout: { soft: "--soft-timeout", hard: "--timeout" },
  cpus: "--cpus",
  gpus: "--gpus or --vram",
};

const ofSchedule: AskWords = {
  memory: "its schedule's run.memory",
  memoryMax: "its schedule's run.memory-max",
  memoryTries: "its schedule's run.oom-retries",
  timeout: { soft: "its schedule's run.soft-timeout", hard: "its schedule's run.timeout" },
  cpus: "its schedule's run.cpus",
  gpus: "its schedule's run.gpus or run.vram",
};

const ofStep: AskWords = {
  memory: "the step's memory",
  memoryMax: "the step's memory.max",
  memoryTries: "the step's retry.out-of-memory",
  timeout: { soft: "the step's soft-timeout", hard: "the step's timeout" },
  cpus: "the step's cpus",
  gpus: "the step's gpus or vram",
};

/**
 * The options of a plain command, or what its schedule's file says in their place; for what is written down
 * the keys of a step, which no option changes. A run that was forgotten meanwhile has no plan.
 */
export function askWords(plan: Plan | undefined, asker: Asker): AskWords {
  const isWritten = plan !== undefined && (plan.recipe !== undefined || plan.steps.length > 1);
  if (isWritten) return ofStep;
  return asker === "schedule" ? ofSchedule : ofCommand;
}
