import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { needBytes, parseCounters } from "../../../daemon/systemd/memory-need.ts";

const captured = readFileSync(join(import.meta.dirname, "../../data/cgroup/memory.stat"), "utf8");
const bytes = fc.nat({ max: 2 ** 40 });

describe("need", () => {
  const stat = parseCounters(captured);
  const mib = 1 << 20;

  test("of a captured process with 30 MiB of its own, 20 MiB shared and 40 MiB written is without the file", () => {
    const need = needBytes(stat, 0);
    expect(stat["file"]).toBeGreaterThan(55 * mib);
    expect(need).toBeGreaterThan(50 * mib);
    expect(need).toBeLessThan((stat["anon"] ?? 0) + (stat["file"] ?? 0) - 30 * mib);
  });

  test("is nearly the same where the kernel gives the parts of its own memory and no sum", () => {
    const older = captured.replace(/^(kernel|vmalloc|sec_pagetables) .*\n/gm, "");
    const missing = needBytes(stat, 0) - needBytes(parseCounters(older), 0);
    expect(missing).toBeGreaterThanOrEqual(0);
    expect(missing).toBeLessThan(mib);
  });

  test("never counts page cache, and grows by exactly what was swapped out", () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (anon, file, swap) => {
        const cached = { anon, inactive_anon: anon, file, inactive_file: file };
        expect(needBytes(cached, swap)).toBe(anon + swap);
      }),
    );
  });

  test("counts locked memory once, whatever it is made of", () => {
    fc.assert(
      fc.property(
        bytes,
        bytes,
        bytes,
        bytes,
        bytes,
        (anon, shmem, lockedAnon, lockedFile, file) => {
          const locked = {
            anon: anon + lockedAnon,
            shmem,
            inactive_anon: anon + shmem,
            file: file + shmem + lockedFile,
            inactive_file: file,
            unevictable: lockedAnon + lockedFile,
          };
          expect(needBytes(locked, 0)).toBe(anon + shmem + lockedAnon + lockedFile);
        },
      ),
    );
  });

  test("is never negative, whatever lag there is between the counters", () => {
    const names = ["anon", "shmem", "kernel", "slab_reclaimable", "active_anon", "unevictable"];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), bytes), (counters) => {
        expect(needBytes(counters, 0)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("a file of counters", () => {
  test("reads back what was written", () => {
    const counters = fc.dictionary(fc.stringMatching(/^[a-z_]{1,20}$/), bytes);
    fc.assert(
      fc.property(counters, (written) => {
        const text = Object.entries(written).map(([name, value]) => `${name} ${value}\n`);
        expect({ ...parseCounters(text.join("")) }).toEqual({ ...written });
      }),
    );
  });

  test("survives anything else", () => {
    fc.assert(fc.property(fc.string(), (text) => Object.keys(parseCounters(text)).length >= 0));
    expect({ ...parseCounters("a 1\nb\nc -2\nd 3 4\ne max\n__proto__ 5\n\n") }).toEqual({
      a: 1,
      ["__proto__"]: 5,
    });
  });
});
