import { accessSync, constants } from "node:fs";
import path from "node:path";
import { OwnBuild, rootOf } from "../base/build/own-build.ts";
import { systemClock } from "../base/clock.ts";
import type { GpuInventory } from "../broker/gpu/devices.ts";
import type { DaemonConfig } from "../config/config.ts";
import { buildFinding, noticeFinding, textFinding } from "../doctor/checks/carried.ts";
import { diagnose } from "../doctor/diagnose.ts";
import { fault, fine, warning, type Finding } from "../doctor/finding.ts";
import { readBox } from "../doctor/probe/read-box.ts";
import { formatBytes } from "../domain/quantity.ts";
import type { RecipeBook } from "../planning/recipe/book.ts";
import type { RunningBuild } from "../rpc/context.ts";
import { Store } from "../store/store.ts";
import { ScheduleShelf } from "../timers/files/shelf.ts";
import { openRecipes } from "./recipe-book.ts";

/** What a daemon that runs knows, and no look at the box tells. */
export interface LivePatient {
  readonly config: DaemonConfig;
  readonly containmentSentence: string;
  readonly isBusUp: () => boolean;
  readonly inventory: GpuInventory;
  readonly store: Store;
  readonly recipes: RecipeBook;
  readonly build: RunningBuild;
}

const unitsDir = path.join(rootOf(import.meta.url), "units");

/** Looks at everything that unattended work needs, the worst finding decides; nothing is changed. */
export async function examine(patient: LivePatient): Promise<Finding[]> {
  const { config, build, store } = patient;
  const database = { sqliteVersion: store.sqliteVersion, damage: store.damage(systemClock) };
  return [
    buildFinding(build.stamp, build.movedTo(), build.restart),
    containment(config, patient.containmentSentence),
    ...(config.containment === "systemd" ? [bus(patient)] : []),
    ...gpus(patient.inventory),
    ...(await examineBox(config, database, config.paths.socket)),
    ...(await texts(config, patient.recipes)),
  ];
}

/** The same without a daemon: `first` says whether work could be contained. */
export async function examineWithout(config: DaemonConfig, first: Finding): Promise<Finding[]> {
  const { stamp } = new OwnBuild(rootOf(import.meta.url));
  const database = Store.examine(config.paths.database, systemClock);
  return [
    buildFinding(stamp, undefined, ""),
    first,
    ...(await examineBox(config, database, undefined)),
    ...(await texts(config, openRecipes(config).recipes)),
  ];
}

async function examineBox(
  config: DaemonConfig,
  database: { readonly sqliteVersion: string; readonly damage: string | undefined },
  socket: string | undefined,
): Promise<Finding[]> {
  const { stateDir } = config.paths;
  const uid = process.getuid?.() ?? 0;
  const facts = await readBox({ env: process.env, uid, stateDir, socket, database, unitsDir });
  return [...diagnose(facts, config.containment), budget(config)];
}

/** How work is held to its limit here. */
export function containment(config: DaemonConfig, containmentSentence: string): Finding {
  return config.containment === "systemd"
    ? fine("containment", containmentSentence)
    : warning(
        "containment",
        containmentSentence,
        "run blutd where systemd --user answers, with --containment systemd",
      );
}

/** Nothing to say of a box without GPUs. */
function gpus({ devices, problem }: GpuInventory): Finding[] {
  if (problem !== undefined) {
    const remedy = "mend the driver until nvidia-smi answers, or set gpus.devices in blut.toml";
    return [warning("gpus", `GPUs cannot be claimed: ${problem}`, remedy)];
  }
  const words = devices.map(
    ({ index, name, budgetBytes }) => `${index} ${name}, ${formatBytes(budgetBytes)} to claim`,
  );
  return words.length === 0 ? [] : [fine("gpus", words.join("; "))];
}

function bus({ isBusUp }: LivePatient): Finding {
  return isBusUp()
    ? fine("bus", "systemd answers on the user bus")
    : fault(
        "bus",
        "systemd does not answer: nothing can be started",
        "systemctl --user status dbus.service",
      );
}

function budget({ memory }: DaemonConfig): Finding {
  const text = `${formatBytes(memory.budgetBytes)} for work, ${formatBytes(memory.reserveBytes)} kept free`;
  return memory.budgetBytes >= memory.defaultBytes
    ? fine("budget", text)
    : warning(
        "budget",
        `${text}: less than one command's first limit`,
        "lower memory.default or raise memory.budget",
      );
}

/** Read anew: what a daemon keeps of a broken file is not what the file says. */
async function texts(config: DaemonConfig, recipes: RecipeBook): Promise<Finding[]> {
  const shelf = new ScheduleShelf(config.paths.schedulesDir, systemClock, () => undefined);
  await shelf.reload();
  const listed = await recipes.list();
  const broken = listed.filter(({ problems }) => problems.length > 0);
  return [
    textFinding("recipes", listed.length, broken),
    textFinding("schedules", shelf.schedules.length, shelf.broken),
    noticeFinding(config.notify, isProgram),
  ];
}

/** As a shell finds it: by its path, or in those of PATH. */
function isProgram(name: string): boolean {
  const places = name.includes("/") ? [""] : (process.env["PATH"] ?? "").split(path.delimiter);
  return places.some((place) => {
    try {
      accessSync(path.join(place, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
