import { expect } from "vitest";
import type { Params } from "../../daemon/protocol/methods.ts";
import type { Rig } from "../support/rig.ts";
import { injectInto } from "./strace.ts";

/**
 * Submits to a daemon that dies at the nth of these system calls, and starts it again; answers the runs it
 * then has, or undefined when the run was over before there was an nth call.
 */
export async function dieAt(
  rig: Rig,
  calls: string,
  nth: number,
  ask: Params<"run.submit">,
): Promise<readonly string[] | undefined> {
  const letGo = await injectInto(rig.pid, calls, `signal=KILL:when=${String(nth)}`);
  const submitted = await rig.connection.call("run.submit", ask);
  const wait = { runs: ["last"], waitMs: 60_000 };
  const isOver = submitted.ok && (await rig.connection.call("run.wait", wait)).ok;
  await letGo();
  if (isOver) {
    expect(nth, `${calls} was never met`).toBeGreaterThan(1);
    return undefined;
  }
  expect(await rig.ended()).toBe(-1);
  await rig.boot();
  const { runs } = await rig.call("run.list", {});
  const ids = runs.map(({ id }) => id);
  if (submitted.ok) expect(ids).toContain(submitted.value.id);
  return ids;
}
