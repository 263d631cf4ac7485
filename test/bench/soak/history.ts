import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** What disturbs the daemon in the soaked month. */
export const disturbances = ["kill", "bus", "disk", "back", "away", "reboot"] as const;
export type Disturbance = (typeof disturbances)[number];

/** What a daemon held when it had lived for so many steps. */
export interface Sample {
  readonly residentBytes: number;
  readonly openFiles: number;
}

/** How far the month has come; it outlives the guest's reboots. */
export interface History {
  readonly fromAt: number;
  readonly untilAt: number;
  /** The highest time that the guest's clock has shown. */
  reachedAt: number;
  steps: number;
  seed: number;
  readonly done: Record<Disturbance, number>;
  readonly samples: Sample[];
  /** Real time of the boots that have ended. */
  realMs: number;
}

/** Reads the history; a month begins where there is none. */
export function readHistory(file: string, begin: Pick<History, "fromAt" | "untilAt">): History {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as History;
  const done = { kill: 0, bus: 0, disk: 0, back: 0, away: 0, reboot: 0 };
  return { ...begin, reachedAt: begin.fromAt, steps: 0, seed: 1, done, samples: [], realMs: 0 };
}

/** Keeps it through a power cut. */
export function keepHistory(file: string, history: History): void {
  writeFileSync(file, JSON.stringify(history), { flush: true });
}

/** The next of a row of numbers from 0 to 1 that is the same in every run: Park and Miller's generator. */
export function random(history: History): number {
  history.seed = (history.seed * 48_271) % 2_147_483_647;
  return history.seed / 2_147_483_647;
}
