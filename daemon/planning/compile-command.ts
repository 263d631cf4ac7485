import type { MemoryAsk } from "../domain/footprint.ts";
import type { Plan, RetryBudget, Step } from "../domain/plan.ts";
import { calibrationKeyOf, nameOfCommand } from "./calibration-key.ts";

/** The one step of an ad-hoc command. */
const commandStep = "main";

/** What a person says of a command; everything else has a default. Sizes bytes, lengths ms. */
export interface CommandRequest {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly name?: string | undefined;
  readonly memory: {
    readonly firstBytes?: number | undefined;
    readonly ceilingBytes?: number | undefined;
  };
  readonly cpus?: number | undefined;
  readonly gpus?: number | undefined;
  readonly vramBytes?: number | undefined;
  readonly pools: Readonly<Record<string, number>>;
  readonly locks: readonly string[];
  readonly softTimeoutMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly retries?: number | undefined;
  readonly oomRetries?: number | undefined;
  readonly calibrateAs?: string | undefined;
}

/** What a plan gets where the request is silent. */
export interface CommandDefaults {
  readonly retry: RetryBudget;
  readonly graceMs: number;
}

/** Compiles an ad-hoc command to a plan of one step. */
export function compileCommand(request: CommandRequest, defaults: CommandDefaults): Plan {
  const step: Step = {
    name: commandStep,
    stage: { name: nameOfCommand(request.argv), version: "" },
    argv: request.argv,
    cwd: request.cwd,
    env: {},
    needs: [],
    inputs: {},
    args: {},
    code: [],
    cache: "never",
    onDiverged: "ignore",
    memory: memoryAsk(request.memory),
    claims: {
      cpus: request.cpus ?? 0,
      gpus: request.gpus ?? (request.vramBytes === undefined ? 0 : 1),
      vramBytes: request.vramBytes ?? 0,
      pools: request.pools,
      locks: request.locks,
    },
    retry: {
      ...defaults.retry,
      outOfMemory: request.oomRetries ?? defaults.retry.outOfMemory,
      failure: request.retries ?? defaults.retry.failure,
    },
    timeouts: {
      ...(request.softTimeoutMs !== undefined && { softMs: request.softTimeoutMs }),
      ...(request.timeoutMs !== undefined && { hardMs: request.timeoutMs }),
      graceMs: defaults.graceMs,
    },
    calibrationKey: request.calibrateAs ?? calibrationKeyOf(request.argv, request.cwd),
  };
  return { version: 1, steps: [step] };
}

function memoryAsk(memory: CommandRequest["memory"]): MemoryAsk {
  return {
    ...(memory.firstBytes !== undefined && { firstBytes: memory.firstBytes }),
    ...(memory.ceilingBytes !== undefined && { ceilingBytes: memory.ceilingBytes }),
  };
}
