import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, person, type Person, type Ran } from "./support/box.ts";

/** A checkout on a box that has no blut, and an account that has never seen one. */
const blutctl = path.resolve(import.meta.dirname, "../../client/blutctl.ts");
const name = "bea";
let bea: Person;
let uid: string;

const blut = (...words: string[]): Promise<Ran> => bea.run(process.execPath, blutctl, ...words);
const findings = async (): Promise<Map<string, string>> => {
  const { stdout } = await blut("doctor", "--json");
  const answer = JSON.parse(stdout) as { findings: { check: string; level: string }[] };
  return new Map(answer.findings.map(({ check, level }) => [check, level]));
};
const copy = (): string => `${bea.home}/.config/systemd/user/blutd.service`;

beforeAll(async () => {
  bea = await person(name);
  uid = await must("id", "-u", name);
  // Lingering is given by root here: an account without a session asks polkit, which asks a person.
  await must("loginctl", "enable-linger", name);
  await must("systemctl", "start", `user@${uid}.service`);
});

afterAll(async () => {
  await blut("init", "--remove", "--yes");
  await bea.run("systemctl", "--user", "stop", "blut.slice");
});

describe("init on a fresh account", () => {
  test("without a daemon the doctor says so, and what init will mend", async () => {
    const found = await findings();
    expect(found.get("daemon")).toBe("fail");
    // The guest has no time service, and its timedated says so.
    expect((await blut("doctor")).stdout).toContain("clock: there is no time service");
    expect(found.get("service")).toBe("warn");
    expect(found.get("linger")).toBe("ok");
  });

  test("only shows with --dry-run, and does nothing unasked", async () => {
    const shown = await blut("init", "--dry-run");
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.stdout).toContain("systemctl --user enable --now blutd.socket");
    expect(shown.stdout).toContain(`ExecStart=${process.execPath}`);
    expect((await blut("init")).code).toBe(2);
    expect(existsSync(copy())).toBe(false);
  });

  test("sets it up: the first submit starts the daemon, and the doctor has nothing to mend", async () => {
    const done = await blut("init", "--yes");
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toContain("blutctl run -- echo hello");
    expect(await bea.must("systemctl", "--user", "is-active", "blutd.socket")).toBe("active");
    expect((await blut("run", "--", "echo", "hello")).stdout).toBe("hello");
    const found = await findings();
    expect([...found].filter(([, level]) => level === "fail")).toEqual([]);
    for (const check of ["service", "linger", "delegation", "socket", "version", "bus"]) {
      expect([check, found.get(check)]).toEqual([check, "ok"]);
    }
  });

  test("has nothing to do the second time; a unit that changed is shown as a diff and mended", async () => {
    expect((await blut("init", "--yes")).stdout).toMatch(/^Nothing to do\./);
    const whole = readFileSync(copy(), "utf8");
    await bea.must("sed", "-i", "s/MemoryMax=2G/MemoryMax=1G/", copy());
    await bea.must("systemctl", "--user", "daemon-reload");
    expect((await findings()).get("service")).toBe("warn");
    expect((await blut("init", "--dry-run")).stdout).toContain("+MemoryMax=2G");
    expect((await blut("init", "--yes")).code).toBe(0);
    expect(readFileSync(copy(), "utf8")).toBe(whole);
    expect((await findings()).get("service")).toBe("ok");
  });

  test("that was killed before it told systemd is gone on with: systemd and the daemon say what they have not read", async () => {
    const service = "blutd.service";
    const steps = async (): Promise<string[]> => {
      const { stdout } = await blut("init", "--dry-run", "--json");
      const answer = JSON.parse(stdout) as { steps: { command?: string; file?: string }[] };
      return answer.steps.map(({ command, file }) => command ?? file ?? "");
    };
    const [reload, restart] = ["daemon-reload", `try-restart ${service}`].map(
      (verb) => `systemctl --user ${verb}`,
    );
    await bea.must("touch", "-d", "1 minute", copy());
    expect(await steps()).toEqual([reload, restart]);
    await bea.must("systemctl", "--user", "daemon-reload");
    expect(await steps()).toEqual([restart]);
    const pid = (): Promise<string> =>
      bea.must("systemctl", "--user", "show", "--property=MainPID", "--value", service);
    const before = await pid();
    const done = await blut("init", "--yes");
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(await pid()).not.toBe(before);
    await bea.must("touch", "-d", "-1 minute", copy());
    await bea.must("systemctl", "--user", "daemon-reload");
    expect(await steps()).toEqual([]);
  });

  test("says when a section is given twice, as whoever appends to its blut.toml does", async () => {
    const file = `${bea.home}/.config/blut/blut.toml`;
    const before = readFileSync(file, "utf8");
    const append = 'printf "[memory]\\nreserve = \\"1G\\"\\n" >> "$1"';
    await bea.must("sh", "-c", append, "append", file);
    const refused = await blut("reload");
    expect(refused).toMatchObject({ code: 78 });
    expect(refused.stderr).toMatch(/blut\.toml:\d+:2: \[memory\] begins in line \d+ already/);
    await bea.must("sh", "-c", 'printf %s "$1" > "$2"', "write", before, file);
    expect((await blut("reload")).code).toBe(0);
  });

  test("work goes on when its session ends, and lingering that is gone is a fault", async () => {
    const submit = `${process.execPath} ${blutctl} submit -- sleep 600`;
    const id = await must("su", "-", name, "-c", `XDG_RUNTIME_DIR=/run/user/${uid} ${submit}`);
    const state = async (): Promise<unknown> =>
      JSON.parse((await blut("show", id, "--json")).stdout) as unknown;
    await expect.poll(state).toMatchObject({ id, state: "running" });
    await must("rm", `/var/lib/systemd/linger/${name}`);
    expect((await findings()).get("linger")).toBe("fail");
    expect((await blut("doctor")).code).toBe(78);
    await must("touch", `/var/lib/systemd/linger/${name}`);
    expect((await blut("cancel", id, "--now")).code).toBe(0);
  });

  test("takes everything back, the timer of a schedule too", async () => {
    const file = `${bea.home}/.config/blut/schedules/yearly.toml`;
    const text = 'cron = "@yearly"\ncommand = ["true"]\nvia = "systemd"\n';
    await bea.must("mkdir", "-p", path.dirname(file));
    await bea.must("sh", "-c", 'printf %s "$1" > "$2"', "write", text, file);
    const timer = async (): Promise<string> => {
      const unit = "blut-schedule-yearly.timer";
      return (await bea.run("systemctl", "--user", "is-active", unit)).stdout;
    };
    await expect.poll(timer, { timeout: 30_000 }).toBe("active");
    const removed = await blut("init", "--remove", "--yes");
    expect(removed).toMatchObject({ code: 0 });
    expect(existsSync(copy())).toBe(false);
    expect(existsSync(`${bea.home}/.config/blut/blut.toml`)).toBe(false);
    const left = await bea.run("systemctl", "--user", "is-active", "blutd.socket", "blutd.service");
    expect(left.stdout).not.toMatch(/^active$/m);
    expect(await timer()).toBe("inactive");
    expect(existsSync(`/var/lib/systemd/linger/${name}`)).toBe(true);
    expect((await blut("init", "--remove", "--yes")).stdout).toMatch(/^Nothing to do\./);
  });
});
