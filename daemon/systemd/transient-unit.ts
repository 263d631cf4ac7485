import type { AttemptId } from "../domain/ids.ts";
import { budgetSliceName, scopeName, sliceName } from "./unit-name.ts";

/** Every property that blut ever sets, with its D-Bus signature. The list is closed on purpose. */
export type UnitProperty =
  | readonly ["Description" | "Slice", "s", string]
  | readonly ["PIDs", "au", readonly number[]]
  | readonly [
      (
        | "MemoryMax"
        | "MemoryHigh"
        | "MemorySwapMax"
        | "TasksMax"
        | "TimeoutStopUSec"
        | "RuntimeMaxUSec"
        | "TimeoutStartUSec"
        | "AccuracyUSec"
        | "RandomizedDelayUSec"
      ),
      "t",
      bigint,
    ]
  | readonly ["MemoryAccounting" | "FixedRandomDelay", "b", boolean]
  | readonly ["TimersCalendar", "a(ss)", readonly (readonly ["OnCalendar", string])[]]
  | readonly ["Type", "s", "oneshot"]
  | readonly ["ExecStart", "a(sasb)", readonly (readonly [string, readonly string[], boolean])[]]
  | readonly ["Environment" | "Before", "as", readonly string[]]
  | readonly ["OOMPolicy", "s", "kill"]
  | readonly ["CollectMode", "s", "inactive"];

/** A unit that is made along with the one asked for, in the same call. */
export interface AuxiliaryUnit {
  readonly name: string;
  readonly properties: readonly UnitProperty[];
}

/** All of one StartTransientUnit call. */
export interface TransientUnit extends AuxiliaryUnit {
  readonly auxiliary: readonly AuxiliaryUnit[];
}

/** What an attempt's scope is made from; bytes and ms. */
export interface ScopeSpec {
  readonly attemptId: AttemptId;
  /** Our own unreaped child, waiting at its gate: nobody else can have its number meanwhile. */
  readonly pid: number;
  readonly description: string;
  readonly memoryMaxBytes: number;
  /** Above this the kernel slows the attempt down and tells; absent: it may go straight to its limit. */
  readonly memoryHighBytes?: number;
  readonly tasksMax?: number;
  /** SIGTERM to SIGKILL when the scope is stopped. */
  readonly stopTimeoutMs: number;
  /** systemd stops the scope after this, even when no daemon is there to do it. */
  readonly wallLimitMs?: number;
}

/**
 * The attempt's scope in a slice of its own. The limits are the scope's; the slice only counts, and
 * keeps peak and OOM count after everything in the scope was killed, whoever was there to see it.
 */
export function attemptUnits(spec: ScopeSpec): TransientUnit {
  const slice = sliceName(spec.attemptId);
  return {
    name: scopeName(spec.attemptId),
    properties: scopeProperties(spec, slice),
    auxiliary: [
      {
        name: slice,
        properties: [
          ["Description", "s", `blut: everything of ${spec.attemptId}`],
          ["MemoryAccounting", "b", true],
        ],
      },
    ],
  };
}

function scopeProperties(spec: ScopeSpec, slice: string): readonly UnitProperty[] {
  const properties: UnitProperty[] = [
    ["Description", "s", oneLine(spec.description)],
    ["PIDs", "au", [spec.pid]],
    ["Slice", "s", slice],
    ["MemoryAccounting", "b", true],
    ["MemoryMax", "t", BigInt(spec.memoryMaxBytes)],
    // A limit that swaps is not a limit.
    ["MemorySwapMax", "t", 0n],
    // A pipeline that lost one member to the kernel must not go on and report success. Every systemd
    // since 252 takes this for a scope and sets memory.oom.group.
    ["OOMPolicy", "s", "kill"],
    // A failed scope keeps its Result for a daemon that was away, until ResetFailedUnit.
    ["CollectMode", "s", "inactive"],
    // At a shutdown the order is turned round: first the daemon stops, then what it would take for ended.
    ["Before", "as", ["blutd.service"]],
    ["TimeoutStopUSec", "t", microseconds(spec.stopTimeoutMs)],
  ];
  if (spec.memoryHighBytes !== undefined)
    properties.push(["MemoryHigh", "t", BigInt(spec.memoryHighBytes)]);
  if (spec.tasksMax !== undefined) properties.push(["TasksMax", "t", BigInt(spec.tasksMax)]);
  if (spec.wallLimitMs !== undefined)
    properties.push(["RuntimeMaxUSec", "t", microseconds(spec.wallLimitMs)]);
  return properties;
}

/** The slice around all attempts: its limit holds even if every sum of ours is wrong. */
export function budgetSlice(budgetBytes: number): AuxiliaryUnit {
  return {
    name: budgetSliceName,
    properties: [
      ["MemoryAccounting", "b", true],
      ["MemoryMax", "t", BigInt(budgetBytes)],
    ],
  };
}

function microseconds(ms: number): bigint {
  return BigInt(Math.ceil(ms * 1000));
}

/** systemd refuses control characters in a description, and `systemctl status` would print them. */
function oneLine(text: string): string {
  return text.replace(/\p{C}+/gu, " ").slice(0, 200);
}
