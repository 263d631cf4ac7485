import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { systemClock } from "../../../daemon/base/clock.ts";
import type { AttemptId } from "../../../daemon/domain/ids.ts";
import { readProcesses } from "../../../daemon/systemd/cgroup.ts";
import { watchPopulated } from "../../../daemon/systemd/cgroup-watch.ts";
import { attemptUnitPatterns, sliceName } from "../../../daemon/systemd/unit-name.ts";
import { Rig, type RigOptions } from "../../support/rig.ts";

export const mib = 1024 ** 2;

/** A scope of an attempt as the kernel has it now. */
export interface LiveScope {
  readonly directory: string;
  readonly maxBytes: number;
}

/** A daemon on the real systemd, its waits short enough for a test. */
export function systemdRig(more: Partial<RigOptions> = {}): Promise<Rig> {
  return Rig.start(systemdOptions(more));
}

/** What such a daemon is started with: 800 MiB to give, 64 MiB for a command nothing is known of. */
export function systemdOptions({ flags = [], env = {} }: Partial<RigOptions> = {}): RigOptions {
  return {
    containment: "systemd",
    flags: ["--budget", "800M", "--reserve", "64M", "--default-memory", "64M", ...flags],
    env: { BLUT_BACKOFF_FIRST: "50ms", BLUT_GRACE: "500ms", BLUT_CPUS_TOTAL: "64", ...env },
  };
}

/** Runs `systemctl --user` and answers what it printed; throws when it fails. */
export async function userSystemctl(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("systemctl", ["--user", ...words]);
  return stdout.trimEnd();
}

/** The cgroup directory of a unit; empty where it has none. */
export async function cgroupOf(unit: string): Promise<string> {
  const group = await userSystemctl("show", "--property=ControlGroup", "--value", unit);
  return group === "" ? "" : path.join("/sys/fs/cgroup", group);
}

/** Settles when nothing lives in an attempt's slice any more; needs no daemon. */
export async function emptied(attemptId: AttemptId): Promise<void> {
  const slice = await cgroupOf(sliceName(attemptId));
  if (slice === "") return;
  await new Promise<void>((resolve) => {
    watchPopulated(slice, resolve, systemClock);
  });
}

/** Every scope in the budget's slice that holds a process, read from the kernel: no call to systemd in between. */
export function liveScopes(budgetSlice: string): LiveScope[] {
  return directoriesIn(budgetSlice)
    .flatMap((slice) => directoriesIn(slice))
    .flatMap((directory) => {
      // systemd makes the directory, then sets the limit, then moves the process in.
      if (processesIn(directory).length === 0) return [];
      try {
        const text = readFileSync(path.join(directory, "memory.max"), "utf8").trim();
        return [{ directory, maxBytes: text === "max" ? Infinity : Number(text) }];
      } catch {
        return [];
      }
    });
}

/** The directories in a directory; none when it is gone. */
export function directoriesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((e) => e.isDirectory()).map(({ name }) => path.join(directory, name));
  } catch {
    return [];
  }
}

/** Process numbers in a cgroup; none when it is gone. */
export function processesIn(directory: string): readonly number[] {
  const pids = existsSync(directory) ? readProcesses(directory) : [];
  return typeof pids === "string" ? [] : pids;
}

/** Units of attempts that systemd still has, whoever made them. */
export async function attemptUnits(): Promise<string[]> {
  const listed = await userSystemctl(
    ...["list-units", "--all", "--plain", "--no-legend", ...attemptUnitPatterns],
  );
  return listed === "" ? [] : listed.split("\n").map((line) => line.split(" ")[0] ?? "");
}

/** Stops whatever a test left in systemd. */
export async function sweep(): Promise<void> {
  const units = await attemptUnits();
  if (units.length === 0) return;
  await userSystemctl("kill", "-s", "KILL", ...units).catch(() => undefined);
  await userSystemctl("stop", ...units);
  await userSystemctl("reset-failed");
}
