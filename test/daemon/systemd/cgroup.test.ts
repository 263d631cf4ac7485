import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as cgroup from "../../../daemon/systemd/cgroup.ts";

/** Every reading, by name. */
const readings = {
  peak: cgroup.readPeakBytes,
  current: cgroup.readCurrentBytes,
  events: cgroup.readMemoryEvents,
  need: cgroup.readNeed,
  cpu: cgroup.readCpuMs,
  processes: cgroup.readProcesses,
  populated: cgroup.readPopulated,
  kill: cgroup.killAll,
};

describe("a cgroup's files", () => {
  let directory: string;
  const write = (file: string, text: string): void => {
    writeFileSync(join(directory, file), text);
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "blut-cgroup-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  test("give sizes, counts and times in our units", () => {
    write("memory.peak", "41943040\n");
    write("memory.current", "4096\n");
    write("memory.events", "low 0\nhigh 270\nmax 12\noom 1\noom_kill 4\noom_group_kill 1\n");
    write("cpu.stat", "usage_usec 2500\nuser_usec 2000\nsystem_usec 500\n");
    write("cgroup.procs", "12\n345\n");
    write("cgroup.events", "populated 1\nfrozen 0\n");
    expect(cgroup.readPeakBytes(directory)).toBe(41_943_040);
    expect(cgroup.readCurrentBytes(directory)).toBe(4096);
    expect(cgroup.readMemoryEvents(directory)).toEqual({ high: 270, max: 12, oom: 1, oomKill: 4 });
    expect(cgroup.readCpuMs(directory)).toBe(2.5);
    expect(cgroup.readProcesses(directory)).toEqual([12, 345]);
    expect(cgroup.readPopulated(directory)).toBe(true);
  });

  test("give need with what is swapped out, and the page cache apart", () => {
    write("memory.stat", "anon 100\nfile 70\nshmem 30\ninactive_anon 130\n");
    expect(cgroup.readNeed(directory)).toEqual({
      needBytes: 130,
      fileBytes: 40,
      refaultedPages: 0,
    });
    write("memory.swap.current", "8\n");
    expect(cgroup.readNeed(directory)).toMatchObject({ needBytes: 138, fileBytes: 40 });
  });

  test("kill is one write", () => {
    write("cgroup.kill", "");
    expect(cgroup.killAll(directory)).toBe("killed");
    expect(readFileSync(join(directory, "cgroup.kill"), "utf8")).toBe("1");
  });

  test("fault 35: a cgroup that is gone is gone in every reading, and nothing throws", () => {
    rmSync(directory, { recursive: true });
    for (const read of Object.values(readings)) expect(read(directory)).toBe("gone");
  });

  test("fault 35: what cannot be read, or makes no sense, is not taken for a number or for an end", () => {
    for (const file of ["memory.peak", "memory.stat", "memory.events", "cgroup.events"])
      mkdirSync(join(directory, file));
    for (const read of [readings.peak, readings.need, readings.events, readings.populated])
      expect(read(directory)).toBe("unreadable");
    for (const odd of ["", "\n", "max\n", "12 13\n"]) {
      write("memory.current", odd);
      expect(cgroup.readCurrentBytes(directory)).toBe("unreadable");
    }
  });

  test("a unit's cgroup is below the mount", () => {
    expect(cgroup.cgroupDirectory("/user.slice/x.scope")).toBe("/sys/fs/cgroup/user.slice/x.scope");
    for (const read of Object.values(readings))
      expect(read(cgroup.cgroupDirectory(""))).toBe("gone");
  });
});
