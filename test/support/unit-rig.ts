import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { systemClock } from "../../daemon/base/clock.ts";
import type { AttemptId } from "../../daemon/domain/ids.ts";
import { Bus } from "../../daemon/systemd/bus.ts";
import { cgroupDirectory } from "../../daemon/systemd/cgroup.ts";
import { Manager, type SystemdResult } from "../../daemon/systemd/manager.ts";
import { systemdMatchRules } from "../../daemon/systemd/systemd-link.ts";
import { attemptUnits, type ScopeSpec } from "../../daemon/systemd/transient-unit.ts";
import { scopeName, sliceName } from "../../daemon/systemd/unit-name.ts";

export const mib = 1 << 20;

/** The value, or a test that ends with the reason. */
export function mustBe<T>(result: SystemdResult<T>): T {
  if (!result.ok) throw new Error(`${result.error.reason}: ${result.error.message}`);
  return result.value;
}

/** The real user manager of whoever runs the tests. */
export async function userManager(): Promise<Manager> {
  const uid = process.getuid?.() ?? 0;
  const bus = new Bus({
    address: `unix:path=${process.env["XDG_RUNTIME_DIR"] ?? `/run/user/${uid}`}/bus`,
    matchRules: systemdMatchRules,
    callTimeoutMs: 10_000,
    reconnectMinMs: 20,
    reconnectMaxMs: 500,
    clock: systemClock,
    random: Math.random,
  });
  const manager = new Manager(bus, {
    clock: systemClock,
    lostSignalNetMs: 5_000,
    jobTimeoutMs: 60_000,
  });
  mustBe(await manager.open());
  return manager;
}

/** An attempt id that shows the name in it, in the letters that ids have. */
export function attemptIdOf(name: string): AttemptId {
  const letters = name.replace(/[il]/g, "1").replace(/o/g, "0").replace(/u/g, "v");
  return `att_${letters.padEnd(12, "0")}` as AttemptId;
}

/** A child in its scope and slice, still waiting at its gate. */
export interface GatedChild {
  readonly child: ChildProcess;
  readonly scope: string;
  readonly slice: string;
  readonly scopeDirectory: string;
  readonly sliceDirectory: string;
  readonly exited: Promise<unknown>;
  /** Lets it run its script. */
  open(): void;
}

/** Starts a shell that waits at a gate, and puts it into an attempt's units. */
export async function startGated(
  manager: Manager,
  name: string,
  script: string,
  limits: Partial<ScopeSpec> = {},
): Promise<GatedChild> {
  const attemptId = attemptIdOf(name);
  const gated = `read -r _ <&3 || exit 125; exec 3<&-; ${script}`;
  const child = spawn("/bin/sh", ["-c", gated], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const exited = once(child, "exit");
  const gate = child.stdio[3];
  if (child.pid === undefined || !gate || !("write" in gate)) throw new Error("no child");
  const defaults = { description: name, memoryMaxBytes: 40 * mib, stopTimeoutMs: 2_000 };
  const spec = { attemptId, pid: child.pid, ...defaults, ...limits };
  mustBe(await manager.startTransientUnit(attemptUnits(spec)));
  const directoryOf = async (unit: string): Promise<string> => {
    const details = mustBe(await manager.unit(unit));
    if (details === "gone") throw new Error(`${unit} is gone`);
    return cgroupDirectory(details.controlGroup);
  };
  const [scope, slice] = [scopeName(attemptId), sliceName(attemptId)];
  return {
    child,
    scope,
    slice,
    scopeDirectory: await directoryOf(scope),
    sliceDirectory: await directoryOf(slice),
    exited,
    open: () => {
      gate.end("go\n");
    },
  };
}
