import type { Failure } from "../../domain/failure.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import type { RpcContext } from "../context.ts";

type HoldResult = MethodResult<"daemon.pause">;

/** Holds the queue and answers how it stands then. */
export async function hold(
  context: RpcContext,
  mode: "pause" | "drain",
  { reason, forMs }: { readonly reason: string; readonly forMs?: number | undefined },
): Promise<Result<HoldResult, Failure>> {
  const held = await context.scheduler.hold(mode, reason, forMs);
  return held.ok ? standingHold(context) : held;
}

/** The hold in force, if any, and how much runs under it. */
export function standingHold({ scheduler, store }: RpcContext): Result<HoldResult, Failure> {
  const current = scheduler.currentHold();
  const { running } = store.runs.counts();
  return ok({ ...(current !== undefined && { hold: current }), running });
}
