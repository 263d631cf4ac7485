import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ManagerFacts } from "../facts.ts";
import { numberOf, textOf } from "./kernel-text.ts";

const top = "/sys/fs/cgroup";

/** Whether there is one hierarchy, of version 2. */
export function hasCgroup2(): boolean {
  return existsSync(join(top, "cgroup.controllers"));
}

/** The control group that a process of ours is in. */
export function ownGroup(): string {
  return /^0::(\/.*)$/m.exec(textOf("/proc/self/cgroup") ?? "")?.[1] ?? "/";
}

/** The user's systemd; undefined where none runs. */
export function userManager(uid: number): ManagerFacts | undefined {
  const group = join(top, `user.slice/user-${uid}.slice/user@${uid}.service`);
  const controllers = textOf(join(group, "cgroup.controllers"));
  if (controllers === undefined) return undefined;
  return {
    controllers: controllers.split(/\s+/).filter((name) => name !== ""),
    hasPeak: existsSync(join(group, "memory.peak")),
    pidsLeft: pidsLeft(group),
  };
}

/** What a unit's own group is held to. */
export function memoryMax(group: string): number | undefined {
  return numberOf(join(top, group, "memory.max"));
}

function pidsLeft(group: string): number | undefined {
  const left: number[] = [];
  for (let at = group; at !== top; at = dirname(at)) {
    const [most, now] = [numberOf(join(at, "pids.max")), numberOf(join(at, "pids.current"))];
    if (most !== undefined && now !== undefined) left.push(Math.max(0, most - now));
  }
  return left.length === 0 ? undefined : Math.min(...left);
}
