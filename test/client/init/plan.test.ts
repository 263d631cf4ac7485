import { describe, expect, it } from "vitest";
import type { Now } from "../../../client/init/now.ts";
import type { Place } from "../../../client/init/place.ts";
import { foreignUnits, planRemoval, planSetUp } from "../../../client/init/plan.ts";
import type { Step } from "../../../client/init/step.ts";
import { adaptUnit, mark } from "../../../client/init/unit-text.ts";

const defaults = "# nothing\n";
const programs = { blutd: ["/opt/node", "/opt/blut/blutd.js"], blutctl: ["/opt/blut/bin/blutctl"] };
const carried = "[Service]\nExecStart=/usr/bin/blutd\nExecReload=/usr/bin/blutctl reload\n";
const home = "/home/ada/.config";
const unit = (name: string): string => `${home}/systemd/user/${name}`;

const checkout: Place = {
  user: "ada",
  uid: 1000,
  env: {},
  carriedUnits: "/opt/blut/units/user",
  packagedUnits: undefined,
  userUnits: `${home}/systemd/user`,
  configFile: `${home}/blut/blut.toml`,
  recordFile: `${home}/blut/init.json`,
  programs,
};
const packaged: Place = {
  ...checkout,
  carriedUnits: undefined,
  packagedUnits: "/usr/lib/systemd/user",
};

/** A home with these files, and those that the checkout carries. */
function box(files: Readonly<Record<string, string>>, more: Partial<Now> = {}): Now {
  const all: Readonly<Record<string, string>> = {
    "/opt/blut/units/user/blutd.service": carried,
    "/opt/blut/units/user/blutd.socket": "[Socket]\n",
    ...files,
  };
  return {
    lingers: false,
    isEnabled: false,
    socketIsActive: false,
    serviceIsActive: false,
    needsReload: false,
    serviceIsOld: false,
    timers: [],
    read: (file) => all[file],
    ...more,
  };
}

/** What the steps leave in a home that was empty. */
const written = (steps: readonly Step[]): Record<string, string> =>
  Object.fromEntries(
    steps.flatMap((step) => (step.kind === "write" ? [[step.file, step.text]] : [])),
  );
const on = { lingers: true, isEnabled: true, socketIsActive: true };

const words = (steps: readonly Step[]): string[] =>
  steps.map((step) => (step.kind === "run" ? step.command.join(" ") : `${step.kind} ${step.file}`));

describe("a set-up", () => {
  it("of a checkout on a fresh account is all of it, in an order that works", () => {
    expect(words(planSetUp(checkout, box({}), defaults))).toEqual([
      `write ${home}/blut/init.json`,
      "loginctl enable-linger ada",
      `write ${unit("blutd.service")}`,
      `write ${unit("blutd.socket")}`,
      `write ${home}/blut/blut.toml`,
      "systemctl --user daemon-reload",
      "systemctl --user enable --now blutd.socket",
    ]);
  });

  it("of a package copies no unit", () => {
    expect(words(planSetUp(packaged, box({}, { lingers: true }), defaults))).toEqual([
      `write ${home}/blut/blut.toml`,
      "systemctl --user enable --now blutd.socket",
    ]);
  });

  it("is nothing the second time", () => {
    const files = written(planSetUp(checkout, box({}), defaults));
    expect(planSetUp(checkout, box(files, on), defaults)).toEqual([]);
  });

  it("that was ended after any of its steps is gone on with, and taken back whole", () => {
    const steps = planSetUp(checkout, box({}), defaults);
    for (const done of steps.keys()) {
      const [did, left] = [steps.slice(0, done), steps.slice(done)];
      const lingers = words(did).includes("loginctl enable-linger ada");
      // What was written and not read again, systemd tells.
      const needsReload = !words(did).some((word) => word.endsWith("daemon-reload"));
      const now = box(written(did), { lingers, needsReload });
      expect(words(planSetUp(checkout, now, defaults))).toEqual(words(left));
      const back = words(planRemoval(checkout, now, defaults));
      expect(back.includes("loginctl disable-linger ada")).toBe(lingers);
      const removed = back.filter((word) => word.startsWith("remove")).sort();
      const made = Object.keys(written(did)).map((file) => `remove ${file}`);
      expect(removed).toEqual(made.sort());
    }
  });

  it.each([{ needsReload: true }, { serviceIsOld: true }])(
    "starts a daemon anew that was not yet told of its unit: %o",
    (more) => {
      const files = written(planSetUp(checkout, box({}), defaults));
      const now = box(files, { ...on, ...more, serviceIsActive: true });
      expect(words(planSetUp(checkout, now, defaults))).toEqual([
        ...("needsReload" in more ? ["systemctl --user daemon-reload"] : []),
        "systemctl --user try-restart blutd.service",
      ]);
    },
  );

  it("leaves settings that somebody wrote", () => {
    const files = { ...written(planSetUp(checkout, box({}), defaults)) };
    files[checkout.configFile] = "mine = 1\n";
    expect(planSetUp(checkout, box(files, on), defaults)).toEqual([]);
    expect(words(planRemoval(checkout, box(files, on), defaults))).not.toContain(
      `remove ${checkout.configFile}`,
    );
  });

  it("of a newer blut replaces the units and starts the daemon that runs anew", () => {
    const files = { ...written(planSetUp(checkout, box({}), defaults)) };
    files[unit("blutd.service")] = `${mark}old\n`;
    const steps = planSetUp(checkout, box(files, { ...on, serviceIsActive: true }), defaults);
    expect(words(steps)).toEqual([
      `write ${unit("blutd.service")}`,
      "systemctl --user daemon-reload",
      "systemctl --user try-restart blutd.service",
    ]);
    expect(steps[0]).toMatchObject({ before: `${mark}old\n` });
  });

  it("names units that somebody else wrote, masked ones too, which must not be replaced", () => {
    const files = { [unit("blutd.service")]: "mine\n", [unit("blutd.socket")]: "" };
    expect(foreignUnits(checkout, box(files))).toEqual([
      unit("blutd.service"),
      unit("blutd.socket"),
    ]);
    expect(foreignUnits(checkout, box({ [unit("blutd.service")]: `${mark}old\n` }))).toEqual([]);
    expect(foreignUnits(packaged, box(files))).toEqual([]);
  });

  it("of a package takes away copies that would hide its units, and nobody else's", () => {
    const files = { [unit("blutd.service")]: `${mark}old\n`, [unit("blutd.socket")]: "mine\n" };
    expect(words(planSetUp(packaged, box(files, { lingers: true }), defaults))).toContain(
      `remove ${unit("blutd.service")}`,
    );
    expect(words(planSetUp(packaged, box(files), defaults))).not.toContain(
      `remove ${unit("blutd.socket")}`,
    );
  });
});

describe("the way back", () => {
  it("takes back all that was made, lingering too", () => {
    const files = written(planSetUp(checkout, box({}), defaults));
    expect(words(planRemoval(checkout, box(files, on), defaults))).toEqual([
      "systemctl --user disable --now blutd.socket blutd.service",
      `remove ${unit("blutd.service")}`,
      `remove ${unit("blutd.socket")}`,
      "systemctl --user daemon-reload",
      `remove ${home}/blut/blut.toml`,
      "loginctl disable-linger ada",
      `remove ${home}/blut/init.json`,
    ]);
  });

  it("ends the timers of schedules once the daemon that made them is gone", () => {
    const timers = ["blut-schedule-a.timer", "blut-schedule-b.timer"];
    const now = box({}, { ...on, timers });
    expect(words(planRemoval(packaged, now, defaults))).toEqual([
      "systemctl --user disable --now blutd.socket blutd.service",
      "systemctl --user stop blut-schedule-a.timer blut-schedule-b.timer",
    ]);
  });

  it("leaves lingering that was there before", () => {
    const files = written(planSetUp(checkout, box({}, { lingers: true }), defaults));
    const steps = words(planRemoval(checkout, box(files, on), defaults));
    expect(steps.filter((step) => step.includes("linger"))).toEqual([]);
  });

  it("is nothing where nothing was set up", () => {
    expect(planRemoval(checkout, box({}), defaults)).toEqual([]);
  });
});

describe("a unit", () => {
  it("starts the programs from where they lie", () => {
    expect(adaptUnit(carried, programs)).toBe(
      `${mark}[Service]\nExecStart=/opt/node /opt/blut/blutd.js\nExecReload=/opt/blut/bin/blutctl reload\n`,
    );
  });

  it.each([
    { path: "/a b/blutd", line: '"/a b/blutd"' },
    { path: "/100%/blutd", line: "/100%%/blutd" },
    { path: "/$HOME/blutd", line: "/$$HOME/blutd" },
    { path: '/"x"/blutd', line: '"/\\"x\\"/blutd"' },
  ])("says $path as systemd reads it: $line", ({ path, line }) => {
    const text = adaptUnit("ExecStart=/usr/bin/blutd\n", { blutd: [path], blutctl: [path] });
    expect(text).toBe(`${mark}ExecStart=${line}\n`);
  });
});
