import { existsSync, readFileSync } from "node:fs";
import type { Clock } from "../base/clock.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { mib } from "../domain/quantity.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { holdBudget } from "../systemd/budget-slice.ts";
import { Bus } from "../systemd/bus.ts";
import { cgroupDirectory } from "../systemd/cgroup.ts";
import { Manager, type SystemdResult } from "../systemd/manager.ts";
import type { SystemdError } from "../systemd/systemd-error.ts";
import { systemdMatchRules } from "../systemd/systemd-link.ts";
import { userBusAddress } from "./user-bus.ts";

/** systemd as this daemon uses it, the budget in force. */
export interface Systemd {
  readonly manager: Manager;
  readonly version: number;
}

/** Whose systemd it is, and what the budget slice gets. */
export interface ContainmentNeeds {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  readonly budgetBytes: number;
  readonly clock: Clock;
}

const pollingRemedy = "or accept the weaker fallback: blutd --containment polling";

/**
 * Opens the user's systemd and puts the budget on blut.slice, then reads it back from the kernel: if
 * that holds, every limit below it will. Fails with the exact commands that would fix the box.
 */
export async function openSystemd(needs: ContainmentNeeds): Promise<Result<Systemd, Failure>> {
  const { clock, budgetBytes } = needs;
  const wrong = wrongPlace(needs.uid);
  if (wrong !== undefined) return err(wrong);
  const address = userBusAddress(needs.env, needs.uid);
  const bus = new Bus({
    address,
    matchRules: systemdMatchRules,
    callTimeoutMs: 25_000,
    reconnectMinMs: 100,
    reconnectMaxMs: 10_000,
    clock,
    random: Math.random,
  });
  const manager = new Manager(bus, { clock, lostSignalNetMs: 5_000, jobTimeoutMs: 90_000 });
  const opened = await openManager(manager, budgetBytes, address);
  if (!opened.ok) manager.close();
  return opened;
}

function wrongPlace(uid: number): Failure | undefined {
  if (uid === 0) {
    return unavailable(
      "work is never run as root",
      `run blutd as an ordinary user with a user manager, ${pollingRemedy}`,
    );
  }
  if (!existsSync("/sys/fs/cgroup/cgroup.controllers")) {
    return unavailable(
      "this box has no unified cgroup hierarchy (cgroup v2)",
      `boot with systemd.unified_cgroup_hierarchy=1, ${pollingRemedy}`,
    );
  }
  return undefined;
}

async function openManager(
  manager: Manager,
  budgetBytes: number,
  address: string,
): Promise<Result<Systemd, Failure>> {
  const opened = await manager.open();
  if (!opened.ok) return err(noManager(address, opened.error));
  const version = await manager.version();
  if (!version.ok) return err(noManager(address, version.error));
  const held = await holdWork(manager, budgetBytes);
  if (!held.ok) return err(noBudget(held.error.message));
  const slice = await manager.unit("blut.slice");
  if (!slice.ok || slice.value === "gone") return err(noBudget("blut.slice did not stay"));
  const limit = limitInForce(cgroupDirectory(slice.value.controlGroup));
  if (limit === undefined) return err(notDelegated());
  return ok({ manager, version: version.value });
}

/** Puts on the slice around all work what that work may use together, and what the kernel adds to it. */
export function holdWork(manager: Manager, workBytes: number): Promise<SystemdResult<void>> {
  return holdBudget(manager, workBytes + aroundBudget(workBytes));
}

/**
 * The kernel charges its own records of a cgroup to the one above it. Without room for those, an attempt
 * that is given the whole budget dies of the slice's limit before its own, and is taken for a bystander.
 */
function aroundBudget(budgetBytes: number): number {
  return Math.max(16 * mib, Math.ceil(budgetBytes / 64));
}

function limitInForce(directory: string): string | undefined {
  try {
    return readFileSync(`${directory}/memory.max`, "utf8");
  } catch {
    return undefined;
  }
}

function noManager(address: string, error: SystemdError): Failure {
  return unavailable(
    `systemd --user does not answer at ${address}: ${error.message}`,
    `start it for good: loginctl enable-linger "$USER"; then log in again, ${pollingRemedy}`,
  );
}

function noBudget(why: string): Failure {
  return unavailable(
    `systemd --user refused the budget slice: ${why}`,
    `look at: systemctl --user status blut.slice, ${pollingRemedy}`,
  );
}

function notDelegated(): Failure {
  return unavailable(
    "the memory controller is not delegated to this user's systemd",
    'as root: mkdir -p /etc/systemd/system/user@.service.d && printf "[Service]\\nDelegate=cpu ' +
      'memory pids\\n" > /etc/systemd/system/user@.service.d/delegate.conf && systemctl ' +
      `daemon-reload; then log in again, ${pollingRemedy}`,
  );
}

function unavailable(message: string, remedy: string): Failure {
  return failure("containment-unavailable", message, remedy);
}
