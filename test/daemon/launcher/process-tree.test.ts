import { describe, expect, test } from "vitest";
import { parseStat, type ProcessEntry } from "../../../daemon/launcher/process-table.ts";
import { ProcessTree } from "../../../daemon/launcher/process-tree.ts";

const shim = entry(100, 1, { session: 100 });

function entry(pid: number, parentPid: number, change: Partial<ProcessEntry> = {}): ProcessEntry {
  return { pid, parentPid, session: 1, startTicks: 50, state: "S", threads: 1, ...change };
}

function membersOf(tree: ProcessTree, ...table: ProcessEntry[]): number[] {
  return tree.look(table).map(({ pid }) => pid);
}

describe("the processes of an attempt", () => {
  test("are the shim's session and every descendant, in whatever session", () => {
    const table = [
      shim,
      entry(101, 100),
      entry(102, 101),
      entry(103, 1, { session: 100 }),
      entry(9, 1),
    ];
    expect(membersOf(new ProcessTree(shim), ...table)).toEqual([100, 101, 102, 103]);
  });

  test("fault 21: stay its own when they leave their session and lose their parent", () => {
    const tree = new ProcessTree(shim);
    membersOf(tree, shim, entry(101, 100), entry(102, 101));
    expect(membersOf(tree, entry(102, 1))).toEqual([102]);
  });

  test("fault 14: a later process with a member's number is a stranger", () => {
    const tree = new ProcessTree(shim);
    membersOf(tree, shim, entry(101, 100));
    expect(membersOf(tree, entry(101, 1, { startTicks: 51 }))).toEqual([]);
  });

  test("fault 14: a later leader with the shim's number has a session of its own", () => {
    const later = { session: 100, startTicks: 90 };
    const table = [entry(100, 1, later), entry(101, 1, later)];
    expect(membersOf(new ProcessTree(shim), ...table)).toEqual([]);
  });

  test("fault 15: a zombie is dead, unless only its first thread is", () => {
    const tree = new ProcessTree(shim);
    const [dead, headless] = [
      entry(101, 100, { state: "Z" }),
      entry(102, 100, { state: "Z", threads: 2 }),
    ];
    expect(membersOf(tree, shim, dead, headless)).toEqual([100, 102]);
  });

  test("a circle of parents, as a table read in parts can show, ends", () => {
    const table = [entry(7, 8), entry(8, 7)];
    expect(membersOf(new ProcessTree(shim), ...table)).toEqual([]);
  });
});

test("a process name may hold anything a line of stat is made of", () => {
  const rest = Array.from({ length: 20 }, (_, index) => String(index)).join(" ");
  const line = `42 (a) S 1 (b c) R 7 42 43 ${rest}`;
  expect(parseStat(line)).toMatchObject({
    pid: 42,
    parentPid: 7,
    session: 43,
    state: "R",
    threads: 13,
  });
  expect(parseStat("")).toBeUndefined();
  expect(parseStat("42 (cut")).toBeUndefined();
});
