import { lstatSync, readdirSync, type Dirent } from "node:fs";
import { errorCode } from "../../base/system-error.ts";
import type { RunWeight } from "../../domain/retention.ts";
import type { Stuck } from "../jobs.ts";
import { removeTree } from "./remove-tree.ts";

/** Files that tell a run's history: of the run itself, and of each attempt. They stay when its logs go. */
const historyOfRun = new Set(["status.jsonl", "lineage.jsonl"]);
const historyOfAttempt = new Set(["context.json", "result.json", "origin.json", "metrics.csv"]);

/** `st_blocks` counts these, whatever the file system has. */
const blockBytes = 512;

/** What the directories of runs take of the disk; one that is not there takes nothing. */
export function weighRuns(directories: readonly string[]): RunWeight[] {
  return directories.map((directory) => {
    const weight = { logBytes: 0, historyBytes: 0 };
    for (const { path, isHistory } of entriesOf(characters(directory))) {
      if (isHistory) weight.historyBytes += bytesOf(path);
      else weight.logBytes += treeBytes(path);
    }
    return weight;
  });
}

/** Removes everything of runs but their history; tells what could not be removed. */
export function stripRuns(directories: readonly string[]): Stuck[] {
  const stuck = new Map<string, Stuck>();
  for (const directory of directories) {
    for (const { path, isHistory } of entriesOf(characters(directory))) {
      if (!isHistory) removeTree(bytes(path), note(stuck, directory));
    }
  }
  return [...stuck.values()];
}

/** Removes directories; tells what could not be removed. */
export function removeRuns(directories: readonly string[]): Stuck[] {
  const stuck = new Map<string, Stuck>();
  for (const directory of directories) removeTree(directory, note(stuck, directory));
  return [...stuck.values()];
}

/** The first thing of a directory that cannot be removed tells enough. */
function note(stuck: Map<string, Stuck>, directory: string) {
  return (path: string, error: unknown): void => {
    const why = errorCode(error) ?? String(error);
    if (!stuck.has(directory)) stuck.set(directory, { directory, path, why });
  };
}

/** Paths are bytes here, a character each (latin1): what a command wrote need not be text. */
interface Entry {
  readonly path: string;
  readonly isHistory: boolean;
}

function bytes(path: string): Buffer {
  return Buffer.from(path, "latin1");
}

function characters(path: string): string {
  return Buffer.from(path).toString("latin1");
}

/** `<run>/status.jsonl`, `<run>/<step>/<number>/metrics.csv`; all the rest is logs, trees as a whole. */
function entriesOf(run: string): Entry[] {
  return namesIn(run).flatMap((entry): Entry[] => {
    const path = `${run}/${entry.name}`;
    if (entry.isDirectory()) return namesIn(path).flatMap((inner) => ofStep(path, inner));
    return [{ path, isHistory: entry.isFile() && historyOfRun.has(entry.name) }];
  });
}

function ofStep(step: string, entry: Dirent): Entry[] {
  const path = `${step}/${entry.name}`;
  if (!entry.isDirectory() || !/^\d+$/.test(entry.name)) return [{ path, isHistory: false }];
  return namesIn(path).map((file) => ({
    path: `${path}/${file.name}`,
    isHistory: file.isFile() && historyOfAttempt.has(file.name),
  }));
}

/** Of a link nothing: it is never followed. What cannot be read is weighed and removed as what it is in. */
function namesIn(directory: string): Dirent[] {
  try {
    if (!lstatSync(bytes(directory)).isDirectory()) return [];
    return readdirSync(bytes(directory), { withFileTypes: true, encoding: "latin1" });
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return [];
  }
}

/** Iterative, because a tree may be deep; what cannot be read counts nothing. */
function treeBytes(path: string): number {
  let sum = 0;
  const waiting = [path];
  for (let here = waiting.pop(); here !== undefined; here = waiting.pop()) {
    sum += bytesOf(here);
    for (const { name } of namesIn(here)) waiting.push(`${here}/${name}`);
  }
  return sum;
}

/** What the disk has more without it: of a file with a second name elsewhere nothing. */
function bytesOf(path: string): number {
  try {
    const found = lstatSync(bytes(path));
    return found.isDirectory() || found.nlink === 1 ? found.blocks * blockBytes : 0;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return 0;
  }
}
