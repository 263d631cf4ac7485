import { existsSync, lstatSync } from "node:fs";
import { statfs } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type {
  BoxFacts,
  OomdFacts,
  OwnFacts,
  ServiceFacts,
  SocketFacts,
  WatchedUnit,
} from "../facts.ts";
import { hasCgroup2, memoryMax, ownGroup, userManager } from "./control-groups.ts";
import { numberOf, textOf } from "./kernel-text.ts";
import { askClock, showUnits, type UnitProperties } from "./systemctl.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the one who asks knows already. */
export interface Known {
  readonly env: Environment;
  readonly uid: number;
  readonly stateDir: string;
  /** Of a daemon that listens. */
  readonly socket: string | undefined;
  readonly database: { readonly sqliteVersion: string; readonly damage: string | undefined };
  /** Where the units lie that this blut carries, when it carries any. */
  readonly unitsDir: string;
}

/** Many containers run with a number that nothing names. */
function userName(uid: number): string {
  try {
    return os.userInfo().username;
  } catch {
    return String(uid);
  }
}

/** Reads everything that is judged; starts a few small programs, changes nothing. */
export async function readBox(known: Known): Promise<BoxFacts> {
  const { uid } = known;
  const user = userName(uid);
  const group = ownGroup();
  const isSystem = group === "/system.slice/blutd.service";
  const env = { ...known.env, XDG_RUNTIME_DIR: `/run/user/${uid}` };
  const [oomd, clock, service, space, swap] = await Promise.all([
    readOomd(uid, env),
    askClock(),
    readService(isSystem, env, known.unitsDir),
    statfs(existingPart(known.stateDir)),
    swapTotal(),
  ]);
  return {
    ...{ user, uid, oomd, clock, service },
    hasCgroup2: hasCgroup2(),
    lingers: existsSync(`/var/lib/systemd/linger/${user}`),
    userManager: userManager(uid),
    tellsPressure: textOf("/proc/pressure/memory") !== undefined,
    swapTotalBytes: swap,
    state: {
      place: known.stateDir,
      freeBytes: space.bavail * space.bsize,
      freeInodes: space.files === 0 ? undefined : space.ffree,
      fileSystem: space.type,
      ...known.database,
    },
    own: readOwn(group),
    socket: known.socket === undefined ? undefined : readSocket(known.socket),
  };
}

/** The directory itself, or of those it would be made in the nearest that is there. */
function existingPart(place: string): string {
  return existsSync(place) ? place : existingPart(path.dirname(place));
}

async function swapTotal(): Promise<number> {
  // Loaded when asked for: it is large, and a start has no use for it.
  const { mem } = await import("systeminformation");
  return (await mem()).swaptotal;
}

function readOwn(group: string): OwnFacts {
  const unit = group.endsWith(".service") ? path.basename(group) : undefined;
  const files = /^Max open files\s+(\d+)/m.exec(textOf("/proc/self/limits") ?? "")?.[1];
  return {
    unit,
    memoryMaxBytes: unit === undefined ? undefined : memoryMax(group),
    oomScoreAdjust: numberOf("/proc/self/oom_score_adj") ?? 0,
    openFiles: files === undefined ? undefined : Number(files),
  };
}

function readSocket(file: string): SocketFacts | undefined {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return found && { path: file, mode: found.mode, ownerUid: found.uid };
}

/** Whoever is watched, everything in it may be chosen; so it is asked of all that work is in. */
async function readOomd(uid: number, env: Environment): Promise<OomdFacts> {
  const asked = ["ActiveState", "ManagedOOMSwap", "ManagedOOMMemoryPressure"];
  const service = "systemd-oomd.service";
  const above = ["-.slice", "user.slice", `user-${uid}.slice`, `user@${uid}.service`];
  const [ofBox, ofUser] = await Promise.all([
    showUnits("--system", env, asked, [service, ...above]),
    showUnits("--user", env, asked, ["-.slice", "blut.slice"]),
  ]);
  const oomd = ofBox.find((unit) => unit.get("Id") === service);
  const isWatched = (manager: WatchedUnit["manager"], unit: UnitProperties): WatchedUnit => ({
    manager,
    unit: unit.get("Id") ?? "",
    bySwap: unit.get("ManagedOOMSwap") === "kill",
    byPressure: unit.get("ManagedOOMMemoryPressure") === "kill",
  });
  return {
    isActive: oomd?.get("ActiveState") === "active",
    watched: [
      ...ofBox.filter((unit) => unit !== oomd).map((unit) => isWatched("box", unit)),
      ...ofUser.map((unit) => isWatched("user", unit)),
    ],
  };
}

async function readService(
  isSystem: boolean,
  env: Environment,
  unitsDir: string,
): Promise<ServiceFacts | undefined> {
  const asked = ["FragmentPath", "UnitFileState", "NeedDaemonReload"];
  const scope = isSystem ? "--system" : "--user";
  const units = await showUnits(scope, env, asked, ["blutd.service", "blutd.socket"]);
  const unit = units.find((each) => each.get("Id") === "blutd.service");
  if (unit === undefined) return undefined;
  const file = unit.get("FragmentPath") ?? "";
  return {
    ...{ isSystem, file },
    text: file === "" ? undefined : textOf(file),
    carried: textOf(path.join(unitsDir, isSystem ? "system" : "user", "blutd.service")),
    isEnabled: units.every((each) => /^enabled/.test(each.get("UnitFileState") ?? "")),
    needsReload: units.some((each) => each.get("NeedDaemonReload") === "yes"),
  };
}
