import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import { hostFacts, sampleHost, type Roots } from "../../../daemon/broker/probe.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const meminfo = "MemTotal:  1000 kB\nMemFree:  10 kB\nMemAvailable:  900 kB\n";
const pressure =
  "some avg10=9.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=1.25 avg60=0.00 avg300=0.00 total=0\n";

/** Kernel files laid out in a folder of their own. */
function kernel(files: Readonly<Record<string, string>>): Roots {
  const folder = mkdtempSync(join(tmpdir(), "blut-probe-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { proc: join(folder, "proc"), cgroup: join(folder, "cgroup") };
}

/** Total and available in kB as a sample gives them. */
function seen(files: Readonly<Record<string, string>>): (number | undefined)[] {
  const sample = sampleHost(systemClock, kernel({ "proc/meminfo": meminfo, ...files }));
  return [sample?.memTotalBytes, sample?.memAvailableBytes].map((b) => b && b / 1024);
}

describe("a sample of the box", () => {
  it("has the kernel's memory and pressure, and when it was taken", () => {
    const before = systemClock.monotonic();
    const roots = kernel({ "proc/meminfo": meminfo, "proc/pressure/memory": pressure });
    const sample = sampleHost(systemClock, roots);
    expect(sample).toMatchObject({
      memTotalBytes: 1_024_000,
      memAvailableBytes: 921_600,
      pressureFullAvg10: 1.25,
    });
    expect(sample?.takenAtMs).toBeGreaterThanOrEqual(before);
  });

  it("leaves pressure out where the kernel has none", () => {
    const roots = kernel({ "proc/meminfo": meminfo });
    expect(sampleHost(systemClock, roots)).not.toHaveProperty("pressureFullAvg10");
  });

  it("fault 35: is undefined, not a failure, when the kernel's files cannot be read", () => {
    expect(sampleHost(systemClock, kernel({}))).toBeUndefined();
    expect(sampleHost(systemClock, kernel({ "proc/meminfo": "MemTotal: 1 kB\n" }))).toBeUndefined();
    expect(hostFacts(kernel({}))).toBeUndefined();
  });

  it("works on this very machine", () => {
    expect(sampleHost(systemClock)?.memAvailableBytes).toBeGreaterThan(0);
    expect(hostFacts()?.cores).toBeGreaterThan(0);
  });
});

describe("a container's limit counts", () => {
  const limited = (folder: string, [limit, usage, inactive]: readonly number[]) => ({
    [`${folder}/memory.max`]: `${(limit ?? 0) * 1024}\n`,
    [`${folder}/memory.current`]: `${(usage ?? 0) * 1024}\n`,
    [`${folder}/memory.stat`]: `anon 1\ninactive_file ${(inactive ?? 0) * 1024}\n`,
  });

  it("in version 2, at the top of what it sees: file cache that is not in use is available", () => {
    const files = { "proc/self/cgroup": "0::/\n", ...limited("cgroup", [500, 300, 100]) };
    expect(seen(files)).toEqual([500, 300]);
    expect(hostFacts(kernel({ "proc/meminfo": meminfo, ...files }))?.memTotalBytes).toBe(512_000);
  });

  it("in version 2, the tightest of all levels", () => {
    const files = {
      "proc/self/cgroup": "0::/user.slice/run.scope\n",
      ...limited("cgroup/user.slice", [800, 700, 0]),
      ...limited("cgroup/user.slice/run.scope", [400, 10, 0]),
    };
    expect(seen(files)).toEqual([400, 100]);
  });

  it("but not that of the daemon's own service, which guards the daemon alone", () => {
    const files = {
      "proc/self/cgroup": "0::/user.slice/blutd.service\n",
      ...limited("cgroup/user.slice/blutd.service", [256, 100, 0]),
    };
    expect(seen(files)).toEqual([1000, 900]);
  });

  it("in version 1, whose unlimited is a number", () => {
    const v1 = (limit: string) => ({
      "proc/self/cgroup": "5:cpu,memory:/docker/abc\n0::/elsewhere\n",
      "cgroup/memory/memory.limit_in_bytes": limit,
      "cgroup/memory/memory.usage_in_bytes": `${300 * 1024}\n`,
      "cgroup/memory/memory.stat": `inactive_file 7\ntotal_inactive_file ${50 * 1024}\n`,
    });
    expect(seen(v1("9223372036854771712\n"))).toEqual([1000, 900]);
    expect(seen(v1(`${600 * 1024}\n`))).toEqual([600, 350]);
  });

  it.each(["0::/../../other\n", "0::/gone\n", "not a cgroup file", ""])(
    "fault 35: a place in the tree that is not to be seen (%j) limits nothing",
    (place) => {
      expect(seen({ "proc/self/cgroup": place, "cgroup/memory.max": "max\n" })).toEqual([
        1000, 900,
      ]);
    },
  );
});
