import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { AttemptId } from "../../../daemon/domain/ids.ts";
import type { MethodResult } from "../../../daemon/protocol/methods.ts";
import type { PlanSpec } from "../../../daemon/protocol/schemas/plan.ts";
import { stages, type Rig } from "../../support/rig.ts";
import { liveScopes, mib } from "./user-systemd.ts";

type StepSpec = PlanSpec["steps"][0];
type Run = MethodResult<"run.get">;

/** A command of a step; its words may be put together from inputs. */
export type Command = StepSpec["argv"];

/** Path of a fixture stage, as a word. */
export const stage = (name: string): string => path.join(stages, name);

/** A step that notes its begin and its end in the rig's ledger, reuses what is there, and leaves an output. */
export function step(
  rig: Rig,
  name: string,
  command: Command,
  more: Partial<StepSpec> = {},
): StepSpec {
  const ledger = path.join(rig.directory, "ledger");
  return {
    name,
    argv: [stage("note-its-life"), ledger, name, ...command],
    cwd: rig.directory,
    cache: "use",
    output: { kind: "text" },
    timeouts: { graceMs: 500 },
    calibrationKey: `${rig.directory}/${name}`,
    ...more,
  };
}

/** A command that waits until `rig.release` is told this name, then runs a script. */
export function whenTold(rig: Rig, name: string, script = ":"): Command {
  const told = path.join(rig.directory, `release-${name}`);
  return ["sh", "-c", `"$0" "$1" && { ${script}; }`, stage("hold-until-told"), told];
}

/** What comes from a step of the plan. */
export const from = (name: string, kind = "text") => ({ kind, from: { step: name } });

/** Memory that a step starts with, in MiB. */
export const takes = (size: number) => ({ memory: { firstBytes: size * mib } });

/** Submits a plan and answers the run. */
export async function submitPlan(rig: Rig, ...steps: PlanSpec["steps"]): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
  return (await rig.call("run.submit", { plan: { steps }, env })).id;
}

/** The one live attempt of a step. */
export async function attemptOf(rig: Rig, run: string, name: string): Promise<AttemptId> {
  const { history } = await rig.call("run.get", { run });
  const live = history.filter((attempt) => attempt.step === name && attempt.state !== "ended");
  if (live.length !== 1) throw new Error(`${name} has ${String(live.length)} live attempts`);
  return live[0]?.id as AttemptId;
}

/** How each step of a run stands. */
export function statesOf({ steps }: Run): Record<string, string> {
  return Object.fromEntries(steps.map(({ name, state }) => [name, state]));
}

/** The causes that the attempts of each step ended with, oldest first; a step without an attempt is left out. */
export function causesOf({ history }: Run): Record<string, (string | undefined)[]> {
  const causes: Record<string, (string | undefined)[]> = {};
  for (const { step: name, outcome } of history) (causes[name] ??= []).push(outcome?.cause);
  return causes;
}

/** What the steps wrote into the ledger, in order. */
export function ledger(rig: Rig): { word: string; name: string }[] {
  const file = path.join(rig.directory, "ledger");
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const [word = "", name = ""] = line.split(" ");
      return { word, name };
    });
}

/** How often each step began and ended, by the ledger: `{ join: [1, 1] }`. */
export function livesOf(rig: Rig): Record<string, [number, number]> {
  const lives: Record<string, [number, number]> = {};
  for (const { word, name } of ledger(rig)) {
    const life = (lives[name] ??= [0, 0]);
    life[word === "begin" ? 0 : 1]++;
  }
  return lives;
}

/** Sets of names that were between their begin and their end at one time, at every change. */
export function together(rig: Rig): ReadonlySet<string>[] {
  const live = new Set<string>();
  return ledger(rig).map(({ word, name }) => {
    if (word === "begin") live.add(name);
    else live.delete(name);
    return new Set(live);
  });
}

/** Adds up the limits of all live scopes, again and again, from the kernel; what it answers ends that and tells the highest. */
export function watchLimits(budgetSlice: string): () => number {
  let highest = 0;
  const look = (): void => {
    const sum = liveScopes(budgetSlice).reduce((bytes, { maxBytes }) => bytes + maxBytes, 0);
    highest = Math.max(highest, sum);
  };
  const timer = setInterval(look, 15);
  return () => {
    clearInterval(timer);
    return highest;
  };
}
