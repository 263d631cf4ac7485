import type { Plan, Step } from "../../daemon/domain/plan.ts";

/** A step that runs `true`, with what a test says of it. */
export function aStep(differently: Partial<Step> = {}): Step {
  return {
    name: "main",
    stage: { name: "true", version: "1" },
    argv: ["true"],
    cwd: "/",
    env: {},
    needs: [],
    inputs: {},
    args: {},
    code: [],
    cache: "never",
    onDiverged: "ignore",
    memory: {},
    claims: { cpus: 0, gpus: 0, vramBytes: 0, pools: {}, locks: [] },
    retry: { outOfMemory: 6, failure: 0, lost: 3, timeout: 0, diverged: 0 },
    timeouts: { graceMs: 10_000 },
    calibrationKey: "true",
    ...differently,
  };
}

/** A plan of these steps; of one that runs `true` when none are given. */
export function aPlan(first: Partial<Step> = {}, ...others: readonly Partial<Step>[]): Plan {
  return { version: 1, steps: [aStep(first), ...others.map(aStep)] };
}
