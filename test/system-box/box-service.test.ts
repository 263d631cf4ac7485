import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  heedful,
  holding,
  install,
  installPrograms,
  isAlive,
  must,
  person,
  release,
  run,
  standsStill,
  type Person,
} from "./support/box.ts";

/** blut of a whole box, from the files of `units/system` as they are: alice may use it, mallory may not. */
let alice: Person;
let mallory: Person;
let blutUid: string;
const settings =
  'memory.budget = "800M"\nmemory.reserve = "64M"\nmemory.default = "32M"\nbackoff.first = "50ms"\n';
const place = "/srv/work";

const shown = (property: string): Promise<string> =>
  must("systemctl", "show", "--value", `--property=${property}`, "blutd.service");
const blutctl = (...words: string[]): Promise<string> => alice.must("blutctl", ...words);
const scoreOf = (pid: string): string => readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim();
const lines = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
const runOf = async (id: string): Promise<Record<string, unknown>> =>
  JSON.parse(await blutctl("show", "--json", id)) as Record<string, unknown>;

/** Submits work that goes on until the test says so, and waits until it has begun. */
async function hold(name: string): Promise<{ id: string; ledger: string; letGo: () => void }> {
  const [ledger, until] = [`${place}/${name}`, `${place}/until-${name}`];
  const id = await blutctl("submit", "--", ...holding(ledger, until));
  await expect.poll(() => lines(ledger)).toEqual(["begin"]);
  return {
    ...{ id, ledger },
    letGo: () => {
      release(until);
    },
  };
}

/** The work of `hold` ends well, in the one attempt that it began with. */
async function endsWell({ id, ledger, letGo }: Awaited<ReturnType<typeof hold>>): Promise<void> {
  expect(await runOf(id)).toMatchObject({ state: "running", attempts: 1 });
  letGo();
  expect(await blutctl("wait", id)).toContain("succeeded");
  expect(await runOf(id)).toMatchObject({ state: "succeeded", attempts: 1 });
  expect(lines(ledger)).toEqual(["begin", "end"]);
}

/** The guest's own user has the name that blut's account has. */
async function makeAccounts(): Promise<void> {
  await must("systemctl", "stop", "user@1000.service");
  rmSync("/var/lib/systemd/linger/blut", { force: true });
  await must("userdel", "blut");
  await must("systemd-sysusers");
  blutUid = await must("id", "-u", "blut");
  alice = await person("alice", "blut");
  mallory = await person("mallory");
  mkdirSync(place, { recursive: true });
  await must("chown", "blut:blut", place);
}

beforeAll(async () => {
  installPrograms();
  for (const unit of ["blutd.service", "blutd.socket"]) {
    install(`system/${unit}`, `/etc/systemd/system/${unit}`);
  }
  install("system/blut.sysusers", "/usr/lib/sysusers.d/blut.conf");
  install("system/blut.tmpfiles", "/usr/lib/tmpfiles.d/blut.conf");
  install("system/user@.service.d/blut.conf", "/etc/systemd/system/user@.service.d/blut.conf");
  install("system/blut.rules", "/usr/share/polkit-1/rules.d/blut.rules");
  mkdirSync("/etc/blut", { recursive: true });
  writeFileSync("/etc/blut/blut.toml", settings);
  await makeAccounts();
  await must("systemd-tmpfiles", "--create", "blut.conf");
  await must("systemctl", "daemon-reload");
  await must("systemctl", "start", "blutd.socket");
});

afterAll(async () => {
  await run("systemctl", "stop", "blutd.socket", "blutd.service");
});

describe("blut as a service of the box", () => {
  test("a member's call starts it; the work is the account's, in its own user manager", async () => {
    expect(await shown("ActiveState")).toBe("inactive");
    const script =
      'id -un; echo "$HOME $USER"; cut -d: -f3 /proc/self/cgroup; cat /proc/self/oom_score_adj';
    const output = await blutctl("run", "--mem", "24M", "--", "sh", "-c", script);
    const [name, own, cgroup = "", score] = output.split("\n");
    expect(name).toBe("blut");
    expect(own).toBe("/var/lib/blut blut");
    expect(cgroup).toContain(`/user-${blutUid}.slice/user@${blutUid}.service/blut.slice/blut-att_`);
    expect(score).toBe("500");
    expect(scoreOf(await shown("MainPID"))).toBe("-900");
  });

  test("the doctor has nothing to mend, asked by a member of the group", async () => {
    const { stdout } = await alice.run("blutctl", "doctor", "--json");
    const { findings } = JSON.parse(stdout) as { findings: { check: string; level: string }[] };
    expect(findings.filter(({ level }) => level === "fail")).toEqual([]);
    const levels = new Map(findings.map(({ check, level }) => [check, level]));
    for (const check of ["socket", "linger", "delegation", "bus"]) {
      expect([check, levels.get(check)]).toEqual([check, "ok"]);
    }
    // These tests start the units and enable none.
    const remedy = "sudo systemctl enable --now blutd.socket";
    expect(findings.find(({ check }) => check === "service")).toMatchObject({ remedy });
  });

  test("its limit is the kernel's: killed at it, and given more (promise 1)", async () => {
    const grow = "x = bytearray(60 << 20); x[::4096] = b'x' * len(x[::4096])";
    const words = ["--mem", "24M", "--", "python3", "-c", grow];
    const id = await blutctl("submit", ...words);
    await blutctl("wait", id);
    const { state, history } = (await runOf(id)) as {
      state: string;
      history: { outcome: { cause: string }; limitBytes: number }[];
    };
    expect(state).toBe("succeeded");
    expect(history[0]).toMatchObject({ limitBytes: 24 << 20 });
    expect(history.slice(0, -1).map(({ outcome }) => outcome.cause)).toEqual(
      history.slice(1).map(() => "out-of-memory"),
    );
  });

  test("whoever is not in the group is refused, and told what helps", async () => {
    const refused = await mallory.run("blutctl", "status");
    expect(refused.code).toBe(125);
    expect(refused.stderr).toContain("sudo usermod -aG blut");
  });

  test("work goes on through a restart and through kill -9, and is adopted", async () => {
    const work = await hold("restarted");
    const first = await shown("MainPID");
    await must("systemctl", "restart", "blutd.service");
    const second = await shown("MainPID");
    expect([isAlive(first), second === first]).toEqual([false, false]);
    await must("kill", "-9", second);
    await expect.poll(() => shown("NRestarts")).toBe("1");
    await endsWell(work);
  });

  test("a daemon that stands still is ended and started again by systemd; work goes on", async () => {
    const dropIn = "/run/systemd/system/blutd.service.d";
    mkdirSync(dropIn, { recursive: true });
    const still = `Environment=NODE_OPTIONS=--import=${standsStill}`;
    writeFileSync(`${dropIn}/still.conf`, `[Service]\nWatchdogSec=20s\n${still}\n`);
    await must("systemctl", "daemon-reload");
    await must("systemctl", "restart", "blutd.service");
    const work = await hold("watched");
    const pid = await shown("MainPID");
    await must("kill", "-USR2", pid);
    await expect.poll(() => shown("NRestarts"), { timeout: 120_000 }).toBe("1");
    expect(await must("journalctl", "-u", "blutd.service")).toContain("Watchdog timeout");
    expect(isAlive(pid)).toBe(false);
    await endsWell(work);
    rmSync(dropIn, { recursive: true });
    await must("systemctl", "daemon-reload");
    await must("systemctl", "restart", "blutd.service");
  });

  test("a socket whose file was removed is made again, as open as it was, and stays through a restart", async () => {
    rmSync("/run/blut/blutd.sock");
    const shape = (): Promise<string> => must("stat", "-c", "%A %U %G", "/run/blut/blutd.sock");
    await expect.poll(() => existsSync("/run/blut/blutd.sock")).toBe(true);
    expect(await shape()).toBe("srw-rw---- blut blut");
    expect((await alice.run("blutctl", "status")).code).toBe(0);
    await must("systemctl", "restart", "blutd.service");
    expect((await alice.run("blutctl", "status")).code).toBe(0);
    await must("systemctl", "restart", "blutd.socket");
    expect((await alice.run("blutctl", "status")).code).toBe(0);
  });

  test("fault 6: when the box is switched off it stops before the user manager; work is done again", async () => {
    const mark = `${place}/heeded`;
    const id = await blutctl("submit", "--", ...heedful(mark));
    await expect.poll(() => existsSync(mark)).toBe(true);
    const manager = `user@${blutUid}.service`;
    await must("systemctl", "stop", manager, "blutd.service");
    await must("systemctl", "start", "blutd.service");
    expect(await must("systemctl", "is-active", manager)).toBe("active");
    expect(await blutctl("wait", id)).toContain("succeeded");
    expect(await runOf(id)).toMatchObject({
      attempts: 2,
      history: [{ outcome: { cause: "killed-from-outside" } }, { outcome: { cause: "succeeded" } }],
    });
  });

  test("members look after blut's own units, and only those (polkit)", async () => {
    const ask = (who: Person, ...words: string[]) =>
      who.run("systemctl", "--no-ask-password", ...words);
    expect(await ask(alice, "restart", "blutd.service")).toMatchObject({ code: 0 });
    expect(await ask(alice, "reload", "blutd.service")).toMatchObject({ code: 0 });
    // One unit at a time: where the newest systemd is asked for several, it names none of them to polkit.
    expect(await ask(alice, "stop", "blutd.service")).toMatchObject({ code: 0 });
    expect(await ask(alice, "stop", "blutd.socket")).toMatchObject({ code: 0 });
    expect(await ask(alice, "start", "blutd.socket")).toMatchObject({ code: 0 });
    expect(await ask(alice, "restart", "dbus.service")).not.toMatchObject({ code: 0 });
    expect(await ask(mallory, "restart", "blutd.service")).not.toMatchObject({ code: 0 });
  });

  test("its exposure is what ARCHITECTURE.md says, or less", async () => {
    const judged = await run("systemd-analyze", "security", "--threshold=50", "blutd.service");
    expect(judged.stdout + judged.stderr).toMatch(
      /Overall exposure level for blutd.service: [0-5]\.\d/,
    );
    expect(judged.code).toBe(0);
  });
});
