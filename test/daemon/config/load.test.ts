import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DaemonConfig } from "../../../daemon/config/config.ts";
import { loadConfig, type ConfigSources } from "../../../daemon/config/load.ts";
import { configFlags } from "../../../daemon/config/settings.ts";
import { err, ok } from "../../../daemon/domain/result.ts";

const gib = 1024 ** 3;
const mib = 1024 ** 2;
const day = 86_400_000;
const file = "/home/ada/.config/blut/blut.toml";

function sources(more: Partial<ConfigSources> & { toml?: string } = {}): ConfigSources {
  const { toml, ...rest } = more;
  return {
    flags: {},
    env: { HOME: "/home/ada", XDG_RUNTIME_DIR: "/run/user/1000" },
    readFile: (path) => ok(path === file ? toml : undefined),
    memTotalBytes: 64 * gib,
    uid: 1000,
    ...rest,
  };
}

function loaded(more?: Parameters<typeof sources>[0]): DaemonConfig {
  const result = loadConfig(sources(more));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function problems(more?: Parameters<typeof sources>[0]): string {
  const result = loadConfig(sources(more));
  if (result.ok) throw new Error("expected a refusal");
  expect(result.error.reason).toBe("invalid-config");
  return result.error.message;
}

const home = sources().env;

describe("defaults", () => {
  it("are complete, with the XDG directories of a user", () => {
    expect(loaded()).toEqual({
      settings: expect.any(Object) as unknown,
      containment: "systemd",
      paths: {
        stateDir: "/home/ada/.local/state/blut",
        runtimeDir: "/run/user/1000/blut",
        configFile: file,
        socket: "/run/user/1000/blut/blutd.sock",
        database: "/home/ada/.local/state/blut/blut.db",
        runsDir: "/home/ada/.local/state/blut/runs",
        artifactsDir: "/home/ada/.local/state/blut/artifacts",
        lockFile: "/home/ada/.local/state/blut/blutd.lock",
        recipesDir: "/home/ada/.config/blut/recipes",
        schedulesDir: "/home/ada/.config/blut/schedules",
      },
      memory: {
        budgetBytes: 60 * gib,
        reserveBytes: 4 * gib,
        defaultBytes: 512 * mib,
        escalationFactor: 2,
        marginRatio: 0.1,
        marginBytes: 16 * mib,
      },
      cpus: {},
      gpus: { share: 0.85, unifiedShare: 0.6 },
      pools: {},
      retry: { outOfMemory: 6, failure: 0, lost: 3, timeout: 0, diverged: 0 },
      backoff: { firstMs: 1000, factor: 2, longestMs: 600_000 },
      graceMs: 10_000,
      log: { level: "info" },
      output: { capBytes: 100 * mib, headBytes: mib },
      events: { keep: 200_000 },
      retention: {
        runs: { ageMs: 90 * day, count: 10_000, bytes: 20 * gib },
        logs: { ageMs: 30 * day, count: Infinity, bytes: 10 * gib },
        events: { ageMs: 90 * day, bytes: Infinity },
        cache: { ageMs: Infinity, bytes: Infinity },
        keepLast: 3,
      },
      admission: {
        maxPasses: 16,
        pressureStopPercent: 5,
        pressureResumePercent: 1,
        sampleMaxAgeMs: 3000,
      },
      notify: {
        on: ["failure", "recovery", "hold"],
        desktop: false,
        timeoutMs: 10_000,
        retries: 4,
        intervalMs: 60_000,
      },
      metrics: {},
    });
  });

  it("follow XDG_STATE_HOME and XDG_CONFIG_HOME where they are absolute", () => {
    const env = { ...home, XDG_STATE_HOME: "/data/state/", XDG_CONFIG_HOME: "etc" };
    const { paths } = loaded({ env });
    expect(paths.stateDir).toBe("/data/state/blut");
    expect(paths.configFile).toBe(file);
  });

  it("are the system's directories for root, whatever XDG says", () => {
    const { paths } = loaded({ uid: 0 });
    expect(paths.stateDir).toBe("/var/lib/blut");
    expect(paths.socket).toBe("/run/blut/blutd.sock");
    expect(paths.configFile).toBe("/etc/blut/blut.toml");
  });

  it.each([
    { box: 24, reserve: 2 },
    { box: 4, reserve: 1 },
    { box: 128, reserve: 8 },
  ])("reserve $reserve GiB of a box of $box GiB", ({ box, reserve }) => {
    expect(loaded({ memTotalBytes: box * gib }).memory.reserveBytes).toBe(reserve * gib);
  });

  it("start a tiny box with a first limit that fits it", () => {
    expect(loaded({ memTotalBytes: 256 * mib }).memory.defaultBytes).toBe(192 * mib);
  });
});

describe("a value", () => {
  it("of a flag wins over the variable, the variable over the file, the file over the default", () => {
    const toml = 'grace = "1s"\n[memory]\nbudget = "1G"\nreserve = "1G"\ndefault = "1M"\n';
    const env = { ...home, BLUT_MEMORY_BUDGET: "2G", BLUT_MEMORY_RESERVE: "2G" };
    const config = loaded({ toml, env, flags: { budget: "3G" } });
    expect(config.memory).toMatchObject({ budgetBytes: 3 * gib, reserveBytes: 2 * gib });
    expect(config.memory.defaultBytes).toBe(mib);
    expect(config.graceMs).toBe(1000);
  });

  it.each([
    { toml: 'memory.budget = "50%"', expected: { memory: { budgetBytes: 32 * gib } } },
    { toml: "memory.budget = 4294967296", expected: { memory: { budgetBytes: 4 * gib } } },
    {
      toml: '[gpus]\ndevices = ["a=24G", "12G"]\nshare = 0.9',
      expected: { gpus: { devices: [{ name: "a" }, { vramBytes: 12 * gib }], share: 0.9 } },
    },
    { toml: "[gpus]\ndevices = 'none'", expected: { gpus: { devices: [] } } },
    { toml: "[pools]\ndb = 2\nlicence = 1", expected: { pools: { db: 2, licence: 1 } } },
    { toml: "[cpus]\ntotal = 1.5", expected: { cpus: { total: 1.5 } } },
    {
      toml: '[notify]\non = ["hold", "failure"]\ncommand = ["tell", "me"]\ndesktop = true',
      expected: { notify: { on: ["failure", "hold"], command: ["tell", "me"], desktop: true } },
    },
    { toml: "[notify]\non = 'none'", expected: { notify: { on: [] } } },
    {
      toml: "[notify]\nwebhook = 'http://[::1]:8080/x'\nsecret-file = '/s'",
      expected: { notify: { webhook: { url: "http://[::1]:8080/x", secretFile: "/s" } } },
    },
    {
      toml: "[notify]\nwebhook = 'http://example.org'\nallow-http = true",
      expected: { notify: { webhook: { url: "http://example.org" } } },
    },
    {
      toml: '[retention]\nrun-age = "unlimited"\nlog-size = "1G"\nrun-count = 5\ndisk-low = "5%"',
      expected: {
        retention: {
          runs: { ageMs: Infinity, count: 5 },
          logs: { bytes: gib },
          diskLow: { percent: 5 },
        },
      },
    },
    { toml: "[retry]\nout-of-memory = 0", expected: { retry: { outOfMemory: 0, lost: 3 } } },
    {
      toml: '[admission]\nsample-max-age = "5s"',
      expected: { admission: { sampleMaxAgeMs: 5000 } },
    },
  ])("in the file is read: $toml", ({ toml, expected }) => {
    expect(loaded({ toml })).toMatchObject(expected);
  });

  it("in the environment is text, and read by the same grammar", () => {
    const env = { ...home, BLUT_POOLS: "db=2, gpu-slot=4", BLUT_RETRY_LOST: "9", BLUT_GRACE: "" };
    const config = loaded({ env });
    expect(config.pools).toEqual({ db: 2, "gpu-slot": 4 });
    expect(config.retry.lost).toBe(9);
    expect(config.graceMs).toBe(10_000);
  });

  it("of every flag of the command line arrives", () => {
    const flags = {
      containment: "polling",
      stateDir: "/s/",
      runtimeDir: "/r",
      grace: "2s",
      budget: "4G",
      reserve: "1%",
      defaultMemory: "32M",
      cpus: "3",
      gpus: "24G,spark=unified",
      pools: "a=1",
      logLevel: "debug",
    };
    expect(loaded({ flags })).toMatchObject({
      containment: "polling",
      paths: { stateDir: "/s", socket: "/r/blutd.sock", database: "/s/blut.db" },
      graceMs: 2000,
      memory: { budgetBytes: 4 * gib, defaultBytes: 32 * mib },
      cpus: { total: 3 },
      gpus: { devices: [{ name: "GPU", vramBytes: 24 * gib }, { name: "spark" }] },
      pools: { a: 1 },
      log: { level: "debug" },
    });
    const names = configFlags().map(({ flag }) =>
      flag.replace(/-./g, (s) => s.slice(1).toUpperCase()),
    );
    expect(new Set(names)).toEqual(new Set([...Object.keys(flags), "config", "socket"]));
  });

  it("of the stage contract or the client is not taken for a misspelt setting", () => {
    loaded({
      env: { ...home, BLUT_EVENTS: "/e", BLUT_OUT: "/o", BLUT_CONTEXT: "/c", BLUT_X: "1" },
    });
  });
});

describe("a refusal", () => {
  it("names every problem at once: the value, what was expected, and where it was set", () => {
    const toml = 'containment = "docker"\n[memory]\nbudgt = "1G"\n[retry]\nlost = -1\n';
    const env = { ...home, BLUT_GRACE: "ten", BLUT_MEMORY_RESERV: "1G" };
    const message = problems({ toml, env, flags: { budget: "lots" } });
    expect(message.split("\n")).toEqual([
      "the configuration has 6 problems:",
      `  ${file}: memory.budgt is no setting; did you mean memory.budget?`,
      "  BLUT_MEMORY_RESERV is no setting; did you mean BLUT_MEMORY_RESERVE?",
      `  ${file}: containment: "docker", expected systemd or polling`,
      '  BLUT_GRACE: "ten", expected a duration such as 90s, 10m or 1h30m',
      '  --budget: "lots", expected a size such as 4G, or a share of the box such as 80%',
      `  ${file}: retry.lost: -1, expected a whole number from 0 to 100`,
    ]);
  });

  it.each([
    { toml: 'budget = "1G"', says: "budget is no setting; did you mean memory.budget?" },
    { toml: "[memroy]\nbudget = 1", says: "memroy is no setting; did you mean memory?" },
    { toml: "frobnicate = 1", says: "is no setting; expected one of containment, state-dir, " },
    { toml: "[retry]\nzzzzzz = 1", says: "expected one of out-of-memory, failure, lost, timeout" },
    { toml: "memory = 5", says: "memory is a section, write [memory]" },
    {
      toml: "[memory]\n#margin = '16M'\n[retry]\n\n[memory] # mine\nbudget = '1G'",
      says: "blut.toml:5:2: [memory] begins in line 1 already",
    },
    { toml: "grace = '1s'\ngrace = '2s'", says: "blut.toml:2:1: Invalid TOML document: trying to" },
    {
      toml: "[metrics]\ngrace = '1s'",
      says: "metrics.grace is no setting; grace stands at the top",
    },
    { toml: "__proto__ = 1", says: "__proto__ is no setting" },
    { toml: "grace = 90", says: "grace: 90, expected a duration" },
    { toml: "grace = 2026-01-01", says: "expected a duration" },
    { toml: "log.level = true", says: "log.level: true, expected debug, info, warn, error" },
    { toml: "[gpus]\ndevices = '24'", says: "expected sizes such as 24G,24G" },
    { toml: "[gpus]\ndevices = ['a=24G', 3]", says: "expected sizes such as 24G,24G" },
    { toml: "[gpus]\ndevices = ['']", says: "expected sizes such as 24G,24G" },
    { toml: "[gpus]\nshare = 1.5", says: "expected a number from 0.1 to 1" },
    { toml: "[pools]\n'../x' = 1", says: "expected names with whole numbers" },
    { toml: "[pools]\ndb = 0", says: "expected names with whole numbers" },
    { toml: "memory.budget = '0%'", says: "expected a size such as 4G, or a share" },
    { toml: "memory.budget = '101%'", says: "expected a size such as 4G, or a share" },
    { toml: "cpus.total = nan", says: "cpus.total: NaN, expected a number" },
    { toml: "grace = '1s'\n]", says: "blut.toml:2:" },
    { toml: "memory.budget = 99999999999999999999", says: "blut.toml:1:" },
    { toml: "state-dir = 'var/blut'", says: 'state-dir: "var/blut", expected an absolute path' },
  ])("of $toml", ({ toml, says }) => {
    expect(problems({ toml })).toContain(says);
  });

  it.each([
    {
      toml: "memory = { budget = '60G', reserve = '8G' }",
      says: "memory.budget: 60 GiB and memory.reserve: 8 GiB together are more than the box's 64 GiB",
    },
    { toml: "memory.budget = '100%'", says: "together are more than the box's 64 GiB" },
    { toml: "memory.reserve = '100%'", says: "leaves nothing of the box's 64 GiB" },
    { toml: "memory.reserve = 4", says: "memory.reserve: 4, expected a size such as 4G" },
    {
      toml: "memory = { budget = '1G', default = '2G' }",
      says: "2 GiB is more than the budget of 1 GiB",
    },
    { toml: "admission.pressure-stop = 0.5", says: "pressure-resume is above" },
    { toml: "backoff.first = '1h'", says: "backoff.first is longer than" },
    { toml: "output.cap = '1M'", says: "output.head is not below output.cap" },
  ])("of a combination nothing can hold: $toml", ({ toml, says }) => {
    expect(problems({ toml })).toContain(says);
  });

  it("of a socket path too long to bind, where Node would silently bind a shorter one", () => {
    const runtimeDir = `/${"r".repeat(95)}`;
    expect(loaded({ flags: { runtimeDir } }).paths.socket).toHaveLength(107);
    const message = problems({ flags: { runtimeDir: `${runtimeDir}r` } });
    expect(message).toContain("has 108 bytes, a socket's path can have 107");
    expect(problems({ flags: { socket: `/${"ü".repeat(60)}` } })).toContain("has 121 bytes");
  });

  it("of a box without a home or a runtime directory, unless the directories are named", () => {
    const message = problems({ env: {} });
    expect(message).toContain("state-dir: neither HOME nor XDG_STATE_HOME is set");
    expect(message).toContain("runtime-dir: XDG_RUNTIME_DIR is not set");
    loaded({ env: {}, flags: { stateDir: "/s", runtimeDir: "/r" } });
  });
});

describe("the file", () => {
  it("that was named must be there; the default one need not", () => {
    expect(problems({ flags: { config: "/nowhere" } })).toContain(
      "--config: there is no file /nowhere",
    );
    const env = { ...home, BLUT_CONFIG: "blut.toml" };
    expect(problems({ env })).toContain('BLUT_CONFIG: "blut.toml", expected an absolute path');
  });

  it("that cannot be read is named with the reason, and the rest is still checked", () => {
    const message = problems({ readFile: () => err("EACCES"), flags: { budget: "x" } });
    expect(message).toContain(`${file} cannot be read: EACCES`);
    expect(message).toContain('--budget: "x"');
  });
});

describe("whatever it is given", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("[memory]", "budget", "memory.", "=", "'1G'", "80%", "\n", "[[", "{", "1e999"),
  );
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));

  it("answers with a value or a refusal, never with an exception", () => {
    fc.assert(
      fc.property(text, text, text, (toml, variable, flag) => {
        const env = { ...home, BLUT_GRACE: variable, BLUT_POOLS: variable };
        const result = loadConfig(sources({ toml, env, flags: { budget: flag, stateDir: flag } }));
        if (!result.ok) expect(result.error.reason).toBe("invalid-config");
      }),
    );
  });

  it("a file nested a hundred thousand deep is a refusal too", () => {
    expect(problems({ toml: `a = ${"[".repeat(100_000)}` })).toContain("blut.toml:1:");
    expect(problems({ toml: `a${".a".repeat(50_000)} = 1` }).length).toBeLessThan(1000);
  });
});

describe("notices", () => {
  it.each([
    [
      "webhook = 'http://example.org/hook'",
      "notify.webhook: over http everybody on the way reads it",
    ],
    ["webhook = 'http://localhost.example.org/'", "notify.webhook: over http everybody"],
    ["secret-file = '/s'", "notify.secret-file: it signs what goes to notify.webhook"],
    ["on = ['failure', 'sucess']", "expected some of failure, recovery, hold, or none"],
    ["command = []", "expected a program with its arguments"],
    ["desktop = 1", "notify.desktop: 1, expected true or false"],
  ])("%s is refused", (toml, sentence) => {
    expect(problems({ toml: `[notify]\n${toml}` })).toContain(sentence);
  });

  it("an address that is refused is not shown: it may hold a secret", () => {
    const said = problems({ toml: "[notify]\nwebhook = 'ftp://me:s3cret@example.org/'" });
    expect(said).toContain("notify.webhook: what is set, expected an address");
    expect(said).not.toContain("s3cret");
  });

  it("a command in the environment is a program, or a list as JSON", () => {
    const command = (text: string) =>
      loaded({ env: { ...home, BLUT_NOTIFY_COMMAND: text } }).notify.command;
    expect(command("/bin/tell me")).toEqual(["/bin/tell me"]);
    expect(command('["/bin/tell", "me"]')).toEqual(["/bin/tell", "me"]);
  });
});
