import { describe, expect, test } from "vitest";
import {
  isUndisputed,
  killerByKernel,
  killerByResult,
} from "../../../../daemon/launcher/scope/scope-verdict.ts";

const none = { high: 0, max: 0, oom: 0, oomKill: 0 };

describe("who killed", () => {
  test("fault 34: the own limit, when the attempt's own group ran out", () => {
    expect(killerByKernel({ ...none, max: 9, oom: 1, oomKill: 3 })).toBe("own-limit");
  });

  test("the box or the budget, when processes were taken and the own limit was never hit", () => {
    expect(killerByKernel({ ...none, oomKill: 1 })).toBe("box-oom");
  });

  test("nobody, when reclaim helped", () => {
    expect(killerByKernel({ ...none, max: 900, oom: 1 })).toBeUndefined();
  });

  test("systemd's word: oomd, the wall limit, or nothing", () => {
    expect(killerByResult("oom-kill")).toBe("oomd");
    expect(killerByResult("timeout")).toBe("wall-limit");
    expect(killerByResult("success")).toBeUndefined();
    expect(killerByResult(undefined)).toBeUndefined();
  });

  test("systemd is not asked about a success, or about what never ran", () => {
    expect(isUndisputed({ kind: "exited", status: 0 })).toBe(true);
    expect(isUndisputed({ kind: "could-not-start", why: "x" })).toBe(true);
    expect(isUndisputed({ kind: "exited", status: 143 })).toBe(false);
    expect(isUndisputed(undefined)).toBe(false);
  });
});
