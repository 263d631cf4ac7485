import { describe, expect, it } from "vitest";
import { diagnose } from "../../../daemon/doctor/diagnose.ts";
import { buildFinding, noticeFinding, textFinding } from "../../../daemon/doctor/checks/carried.ts";
import type { BoxFacts } from "../../../daemon/doctor/facts.ts";
import { readClock, readUnits } from "../../../daemon/doctor/probe/systemctl.ts";
import { gib, mib } from "../../support/box.ts";

const unit = "[Service]\nExecStart=/usr/bin/blutd\nMemoryMax=2G\n";

/** A box on which all is well. */
const well: BoxFacts = {
  user: "ada",
  uid: 1000,
  hasCgroup2: true,
  lingers: true,
  userManager: { controllers: ["cpu", "memory", "pids"], hasPeak: true, pidsLeft: 9000 },
  tellsPressure: true,
  swapTotalBytes: 0,
  oomd: { isActive: false, watched: [] },
  clock: "kept",
  state: {
    place: "/home/ada/.local/state/blut",
    freeBytes: 100 * gib,
    freeInodes: 1e6,
    fileSystem: 0xef53,
    sqliteVersion: "3.54.1",
    damage: undefined,
  },
  own: {
    unit: "blutd.service",
    memoryMaxBytes: 2 * gib,
    oomScoreAdjust: 100,
    openFiles: 524288,
  },
  service: {
    isSystem: false,
    file: "/home/ada/.config/systemd/user/blutd.service",
    text: unit,
    carried: unit,
    isEnabled: true,
    needsReload: false,
  },
  socket: { path: "/run/user/1000/blut/blutd.sock", mode: 0o140600, ownerUid: 1000 },
};

/** Keeps what is in there and changes some of it. */
const state = (more: Partial<BoxFacts["state"]>): Partial<BoxFacts> => ({
  state: { ...well.state, ...more },
});
const own = (more: Partial<BoxFacts["own"]>): Partial<BoxFacts> => ({
  own: { ...well.own, ...more },
});
const service = (more: Partial<NonNullable<BoxFacts["service"]>>): Partial<BoxFacts> => ({
  service: {
    isSystem: false,
    file: "",
    text: unit,
    carried: unit,
    isEnabled: true,
    needsReload: false,
    ...more,
  },
});
const manager = (more: Partial<NonNullable<BoxFacts["userManager"]>>): Partial<BoxFacts> => ({
  userManager: { controllers: ["memory", "pids"], hasPeak: true, pidsLeft: 9000, ...more },
});
const watched = (bySwap: boolean, byPressure: boolean): Partial<BoxFacts> => ({
  oomd: {
    isActive: true,
    watched: [{ manager: "box", unit: "user@1000.service", bySwap, byPressure }],
  },
});

const wrong = (more: Partial<BoxFacts>): unknown[] =>
  diagnose({ ...well, ...more }, "systemd")
    .filter(({ level }) => level !== "ok")
    .map(({ check, level }) => `${level} ${check}`);

describe("a box", () => {
  it("on which all is well has nothing to mend", () => {
    expect(wrong({})).toEqual([]);
  });

  it.each<{ why: string; more: Partial<BoxFacts>; found: string[] }>([
    { why: "an old hierarchy", more: { hasCgroup2: false }, found: ["fail cgroup"] },
    { why: "no linger", more: { lingers: false }, found: ["fail linger"] },
    { why: "no user manager", more: { userManager: undefined }, found: ["fail delegation"] },
    {
      why: "no memory controller",
      more: manager({ controllers: ["pids"] }),
      found: ["fail delegation"],
    },
    {
      why: "no pids controller",
      more: manager({ controllers: ["memory"] }),
      found: ["warn delegation"],
    },
    { why: "no cpu controller, which nothing needs", more: manager({}), found: [] },
    { why: "no memory.peak", more: manager({ hasPeak: false }), found: ["warn memory.peak"] },
    { why: "few pids", more: manager({ pidsLeft: 100 }), found: ["warn pids"] },
    { why: "no limit of pids", more: manager({ pidsLeft: undefined }), found: [] },
    { why: "no pressure", more: { tellsPressure: false }, found: ["warn psi"] },
    { why: "swap, which is no fault", more: { swapTotalBytes: gib }, found: [] },
    { why: "oomd that leaves it alone", more: watched(false, false), found: [] },
    { why: "oomd by pressure", more: watched(false, true), found: ["warn oomd"] },
    { why: "oomd by swap", more: watched(true, false), found: ["warn oomd"] },
    { why: "a clock not yet in step", more: { clock: "awaited" }, found: ["warn clock"] },
    { why: "a clock that is left alone", more: { clock: "off" }, found: ["warn clock"] },
    { why: "no time service", more: { clock: "nobody" }, found: ["warn clock"] },
    { why: "a clock nobody tells of", more: { clock: "unknown" }, found: ["warn clock"] },
    { why: "little disk", more: state({ freeBytes: 500 * mib }), found: ["warn disk"] },
    { why: "no disk", more: state({ freeBytes: mib }), found: ["fail disk"] },
    { why: "few inodes", more: state({ freeInodes: 2000 }), found: ["warn inodes"] },
    { why: "no inodes", more: state({ freeInodes: 5 }), found: ["fail inodes"] },
    { why: "inodes nobody counts", more: state({ freeInodes: undefined }), found: [] },
    { why: "NFS", more: state({ fileSystem: 0x6969 }), found: ["fail file system"] },
    { why: "tmpfs", more: state({ fileSystem: 0x01021994 }), found: ["fail file system"] },
    { why: "a damaged database", more: state({ damage: "table runs" }), found: ["fail sqlite"] },
    {
      why: "a small limit of its own",
      more: own({ memoryMaxBytes: mib }),
      found: ["warn own memory"],
    },
    { why: "a score above work's", more: own({ oomScoreAdjust: 500 }), found: ["warn oom score"] },
    { why: "few files", more: own({ openFiles: 256 }), found: ["warn open files"] },
    { why: "a daemon by hand", more: service({}), found: ["warn service"] },
    {
      why: "a unit not reloaded",
      more: service({ file: "/x", needsReload: true }),
      found: ["warn service"],
    },
    {
      why: "a unit not enabled",
      more: service({ file: "/x", isEnabled: false }),
      found: ["warn service"],
    },
    { why: "no systemctl to ask", more: { service: undefined }, found: [] },
  ])("with $why: $found", ({ more, found }) => {
    expect(wrong(more)).toEqual(found);
  });

  it("has another remedy for each way in which its clock is not kept", () => {
    const remedies = (["awaited", "off", "nobody", "unknown"] as const).map(
      (clock) =>
        diagnose({ ...well, clock }, "systemd").find(({ check }) => check === "clock")?.remedy,
    );
    expect(new Set(remedies).size).toBe(4);
  });

  it("whose unit names another blutd is fine, one that says something else is of another version", () => {
    const adapted = unit.replace("/usr/bin/blutd", "/home/ada/blut/bin/blutd");
    expect(wrong(service({ file: "/x", text: `# by init\n${adapted}` }))).toEqual([]);
    expect(wrong(service({ file: "/x", text: unit.replace("2G", "1G") }))).toEqual([
      "warn service",
    ]);
    expect(wrong(service({ file: "/x", text: "anything", carried: undefined }))).toEqual([]);
  });

  it.each([
    { mode: 0o140600, ownerUid: 1000, found: [] },
    { mode: 0o140660, ownerUid: 1000, found: [] },
    { mode: 0o140666, ownerUid: 1000, found: ["fail socket"] },
    { mode: 0o140600, ownerUid: 0, found: ["fail socket"] },
  ])("with a socket of mode $mode, uid $ownerUid: $found", ({ mode, ownerUid, found }) => {
    expect(wrong({ socket: { path: "/s", mode, ownerUid } })).toEqual(found);
  });

  it("without systemd is not asked for what only systemd needs", () => {
    const bare = { lingers: false, userManager: undefined, service: undefined };
    const found = diagnose({ ...well, ...bare, ...watched(true, true) }, "polling");
    expect(found.filter(({ level }) => level !== "ok")).toEqual([]);
  });

  it("is told the command for each thing that is wrong", () => {
    const all = { lingers: false, tellsPressure: false, ...manager({ controllers: [] }) };
    const found = diagnose({ ...well, ...all, ...state({ freeBytes: 0 }) }, "systemd");
    for (const { level, remedy } of found) {
      if (level === "ok") expect(remedy).toBeUndefined();
      else expect(remedy).not.toBe("");
    }
    expect(found.find(({ check }) => check === "linger")?.remedy).toBe(
      "loginctl enable-linger ada",
    );
  });
});

describe("systemd-oomd", () => {
  const spared = { bySwap: false, byPressure: false };
  const remedyFor = (...units: BoxFacts["oomd"]["watched"]): string | undefined => {
    const found = diagnose({ ...well, oomd: { isActive: true, watched: units } }, "systemd");
    return found.find(({ check }) => check === "oomd")?.remedy;
  };

  it("is told to leave the unit alone that it watches, not one below it", () => {
    const user = { manager: "box", unit: "user@1000.service", ...spared } as const;
    const root = { manager: "box", unit: "-.slice", bySwap: true, byPressure: false } as const;
    expect(remedyFor(root, user)).toBe(
      "sudo systemctl set-property -- -.slice ManagedOOMSwap=auto",
    );
    const slice = { manager: "box", unit: "user.slice", bySwap: true, byPressure: true } as const;
    expect(remedyFor(slice, user)).toBe(
      "sudo systemctl set-property -- user.slice ManagedOOMMemoryPressure=auto ManagedOOMSwap=auto",
    );
  });

  it("is told of each, and a user's own units need no root", () => {
    const slice = { manager: "user", unit: "blut.slice", bySwap: false, byPressure: true } as const;
    const root = { manager: "box", unit: "-.slice", bySwap: true, byPressure: false } as const;
    expect(remedyFor(root, slice)?.split(" && ")).toEqual([
      "sudo systemctl set-property -- -.slice ManagedOOMSwap=auto",
      "systemctl --user set-property -- blut.slice ManagedOOMMemoryPressure=auto",
    ]);
  });
});

it.each([
  { told: "CanNTP=no\nNTP=no\nNTPSynchronized=no\n", clock: "nobody" },
  { told: "CanNTP=yes\nNTP=no\nNTPSynchronized=no\n", clock: "off" },
  { told: "CanNTP=yes\nNTP=yes\nNTPSynchronized=no\n", clock: "awaited" },
  { told: "CanNTP=yes\nNTP=yes\nNTPSynchronized=yes\n", clock: "kept" },
  { told: "CanNTP=no\nNTP=no\nNTPSynchronized=yes\n", clock: "kept" },
  { told: "", clock: "unknown" },
])("a clock of which timedated says $told is $clock", ({ told, clock }) => {
  expect(readClock(told)).toBe(clock);
});

describe("files that people wrote", () => {
  it("are named with the first of what is wrong, at most three of them", () => {
    const broken = ["a", "b", "c", "d"].map((file) => ({
      file,
      problems: [{ field: "cron", message: "never", ...(file === "a" && { line: 1, column: 8 }) }],
    }));
    expect(textFinding("schedules", 4, broken)).toMatchObject({
      level: "warn",
      message: "4 cannot be used: a:1:8: cron: never; b: cron: never; c: cron: never; and 1 more",
      remedy: "blutctl schedule check",
    });
    expect(textFinding("recipes", 4, broken).remedy).toBe("blutctl recipe check a");
    expect(textFinding("recipes", 2, [])).toMatchObject({ level: "ok" });
  });

  it("as a program for notices must be there to be run", () => {
    const told = (ways: Parameters<typeof noticeFinding>[0]): string =>
      noticeFinding(ways, (program) => program === "/there").level;
    expect(told({ desktop: false })).toBe("ok");
    expect(told({ desktop: true, command: ["/there", "-x"] })).toBe("ok");
    expect(told({ desktop: true, command: ["/gone"] })).toBe("warn");
    const way = noticeFinding({ desktop: true }, () => false);
    expect(way).toMatchObject({ check: "notify", message: "failures are told by your desktop" });
  });

  it("of blutd itself that moved are a warning with the way to take them up", () => {
    const [old, fresh] = [{ version: "1.0.0" }, { version: "2.0.0" }];
    expect(buildFinding(old, undefined, "again")).toMatchObject({ level: "ok" });
    expect(buildFinding(old, fresh, "again")).toMatchObject({ level: "warn", remedy: "again" });
  });
});

it("reads what systemctl shows of several units, values with = in them included", () => {
  const units = readUnits("Id=a.service\nEnvironment=X=1 Y=2\n\nId=b.slice\nSlice=\n");
  expect(units.map((each) => Object.fromEntries(each))).toEqual([
    { Id: "a.service", Environment: "X=1 Y=2" },
    { Id: "b.slice", Slice: "" },
  ]);
});
