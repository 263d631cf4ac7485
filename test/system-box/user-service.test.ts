import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  heedful,
  holding,
  install,
  installPrograms,
  must,
  person,
  release,
  type Person,
} from "./support/box.ts";

/** blut of one user, from the files of `units/user` as they are, under a real user manager. */
let ada: Person;
const settings = 'memory.budget = "800M"\nmemory.reserve = "64M"\nmemory.default = "32M"\n';

const systemctl = (...words: string[]): Promise<string> =>
  ada.must("systemctl", "--user", ...words);
const shown = (property: string): Promise<string> =>
  systemctl("show", "--value", `--property=${property}`, "blutd.service");
const blutctl = (...words: string[]): Promise<string> => ada.must("blutctl", ...words);
const configFile = (): string => `${ada.home}/.config/blut/blut.toml`;
const lines = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
const runOf = async (id: string): Promise<Record<string, unknown>> =>
  JSON.parse(await blutctl("show", "--json", id)) as Record<string, unknown>;

beforeAll(async () => {
  installPrograms();
  for (const unit of ["blutd.service", "blutd.socket"]) {
    install(`user/${unit}`, `/etc/systemd/user/${unit}`);
  }
  ada = await person("ada");
  mkdirSync(`${ada.home}/.config/blut`, { recursive: true });
  writeFileSync(configFile(), settings);
  await must("chown", "-R", "ada:ada", ada.home);
  await must("loginctl", "enable-linger", "ada");
  const uid = await must("id", "-u", "ada");
  await must("systemctl", "start", `user@${uid}.service`);
});

afterAll(async () => {
  await ada.run("systemctl", "--user", "stop", "blutd.socket", "blutd.service", "blut.slice");
});

describe("blut as a service of a user", () => {
  test("is started by the first call of a client, and systemd knows when it is ready", async () => {
    await systemctl("start", "blutd.socket");
    expect(await shown("ActiveState")).toBe("inactive");
    expect(await blutctl("status")).toContain("Nothing has run yet");
    expect(await shown("ActiveState")).toBe("active");
    expect(await shown("StatusText")).toBe("0 running, 0 waiting; 0 B of 800 MiB promised");
    expect(await blutctl("run", "--", "sh", "-c", "cat /proc/self/oom_score_adj")).toBe("500");
  });

  test("a reload puts the file in force; a broken one fails visibly and keeps the old (fault 40)", async () => {
    writeFileSync(configFile(), settings.replace("800M", "lots"));
    const refused = await ada.run("systemctl", "--user", "reload", "blutd.service");
    expect(refused.code).not.toBe(0);
    expect(await shown("ActiveState")).toBe("active");
    await expect
      .poll(() => shown("StatusText"))
      .toContain('memory.budget: "lots", expected a size');
    writeFileSync(configFile(), settings.replace("800M", "700M"));
    await systemctl("reload", "blutd.service");
    await expect
      .poll(() => shown("StatusText"))
      .toBe("0 running, 0 waiting; 0 B of 700 MiB promised");
  });

  test("work goes on through a restart and a stop, and is adopted; nothing of the daemon lingers", async () => {
    const [ledger, until] = [`${ada.home}/ledger`, `${ada.home}/until`];
    const id = await blutctl("submit", "--", ...holding(ledger, until));
    await expect.poll(() => lines(ledger)).toEqual(["begin"]);
    const before = await shown("MainPID");
    await systemctl("restart", "blutd.service");
    expect(await shown("MainPID")).not.toBe(before);
    expect(await runOf(id)).toMatchObject({ state: "running", attempts: 1 });
    await systemctl("stop", "blutd.service");
    expect(await shown("ActiveState")).toBe("inactive");
    // Spare shims are in its cgroup; systemd removes one only when it is empty.
    expect(await shown("ControlGroup")).toBe("");
    release(until);
    await expect.poll(() => lines(ledger)).toEqual(["begin", "end"]);
    // This call starts the daemon again.
    expect(await blutctl("wait", id)).toContain("succeeded");
    expect(await runOf(id)).toMatchObject({ state: "succeeded", attempts: 1 });
  });

  test("restarts in the middle of starts start nothing twice and lose nothing", async () => {
    const ledgers = Array.from({ length: 8 }, (_, index) => `${ada.home}/short-${index}`);
    const ids: string[] = [];
    for (const ledger of ledgers) {
      ids.push(
        await blutctl("submit", "--mem", "16M", "--", "sh", "-c", `echo begin >> ${ledger}`),
      );
      if (ids.length % 2 === 0) await systemctl("restart", "blutd.service");
    }
    await blutctl("wait", ...ids);
    expect(ledgers.map((ledger) => lines(ledger))).toEqual(ledgers.map(() => ["begin"]));
  });

  test("a daemon that was killed is back, by systemd, with what runs", async () => {
    const [ledger, until] = [`${ada.home}/ledger-2`, `${ada.home}/until-2`];
    const id = await blutctl("submit", "--", ...holding(ledger, until));
    await expect.poll(() => lines(ledger)).toEqual(["begin"]);
    await must("kill", "-9", await shown("MainPID"));
    await expect.poll(() => shown("NRestarts")).toBe("1");
    // Whoever calls meanwhile waits at the socket, which systemd kept.
    expect(await runOf(id)).toMatchObject({ state: "running", attempts: 1 });
    release(until);
    expect(await blutctl("wait", id)).toContain("succeeded");
  });

  test("fault 6: work that is told to end because the box is switched off is done again, whatever it made of that", async () => {
    const mark = `${ada.home}/heeded`;
    const id = await blutctl("submit", "--", ...heedful(mark));
    await expect.poll(() => existsSync(mark)).toBe(true);
    await systemctl("enable", "blutd.socket");
    const uid = await must("id", "-u", "ada");
    await must("systemctl", "stop", `user@${uid}.service`);
    await must("systemctl", "start", `user@${uid}.service`);
    // Nobody calls it: at boot the daemon is there by itself.
    await expect.poll(() => shown("ActiveState")).toBe("active");
    expect(await blutctl("wait", id)).toContain("succeeded");
    expect(await runOf(id)).toMatchObject({
      attempts: 2,
      history: [{ outcome: { cause: "killed-from-outside" } }, { outcome: { cause: "succeeded" } }],
    });
  });

  test("a box that cannot contain work is told by the first call, and not tried for ever", async () => {
    appendFileSync(configFile(), 'containment = "hope"\n');
    await systemctl("stop", "blutd.service");
    const asked = await ada.run("blutctl", "status");
    expect(asked.code).toBe(78);
    expect(asked.stderr).toContain('containment: "hope", expected systemd or polling');
    await expect.poll(() => shown("ActiveState")).toBe("failed");
    expect(await shown("NRestarts")).toBe("0");
    writeFileSync(configFile(), settings);
    await systemctl("reset-failed");
    await systemctl("restart", "blutd.socket");
    expect(await blutctl("status")).toContain("800 MiB");
  });
});
