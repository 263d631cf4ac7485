import { join } from "node:path";
import type { Now } from "./now.ts";
import { unitNames, type Place } from "./place.ts";
import type { Step } from "./step.ts";
import { adaptUnit, mark } from "./unit-text.ts";

const systemctl = ["systemctl", "--user"] as const;
const reload: Step = {
  kind: "run",
  what: "systemd reads its units again",
  command: [...systemctl, "daemon-reload"],
};

/** What is still to be done until blut of this user starts by itself. `defaults` is a blut.toml that changes nothing. */
export function planSetUp(place: Place, now: Now, defaults: string): Step[] {
  const units = unitSteps(place, now);
  const isNew = units.length > 0 || now.needsReload;
  const isConfigured = now.read(place.configFile) !== undefined;
  return [
    ...(now.lingers ? [] : lingerSteps(place, now)),
    ...units,
    ...(isConfigured
      ? []
      : [write(place.configFile, defaults, "settings, all as they are anyway")]),
    ...(isNew ? [reload] : []),
    ...(now.isEnabled && now.socketIsActive ? [] : [enable]),
    ...((isNew || now.serviceIsOld) && now.serviceIsActive ? [restart] : []),
  ];
}

/** What is to be taken back is on record before it is done: afterwards would be too late for an init that is killed. */
function lingerSteps(place: Place, now: Now): Step[] {
  const isRecorded = now.read(place.recordFile) !== undefined;
  const record = `${JSON.stringify({ linger: true })}\n`;
  return [
    ...(isRecorded ? [] : [write(place.recordFile, record, "what --remove takes back")]),
    linger(place, "enable-linger", "work goes on when you log out"),
  ];
}

const enable: Step = {
  kind: "run",
  what: "the first call of blutctl starts blutd, and every boot does",
  command: [...systemctl, "enable", "--now", "blutd.socket"],
};
const restart: Step = {
  kind: "run",
  what: "blutd takes the new units up; what runs goes on",
  command: [...systemctl, "try-restart", "blutd.service"],
};

/** The way back: everything that a set-up made and nobody changed since. */
export function planRemoval(place: Place, now: Now, defaults: string): Step[] {
  const record = now.read(place.recordFile);
  const copies = copiesOf(place, now);
  const isOn = now.isEnabled || now.socketIsActive || now.serviceIsActive;
  return [
    ...(isOn ? [disable] : []),
    ...(now.timers.length > 0 ? [stopTimers(now.timers)] : []),
    ...copies.map((file) => remove(file, "the copy that init made")),
    ...(copies.length > 0 || now.needsReload ? [reload] : []),
    ...(now.read(place.configFile) === defaults
      ? [remove(place.configFile, "nobody has changed it")]
      : []),
    ...(record?.includes('"linger":true') === true && now.lingers
      ? [linger(place, "disable-linger", "your systemd ends with your session again")]
      : []),
    ...(record === undefined ? [] : [remove(place.recordFile, "what init had made")]),
  ];
}

const disable: Step = {
  kind: "run",
  what: "blutd ends and is not started again; what runs goes on",
  command: [...systemctl, "disable", "--now", "blutd.socket", "blutd.service"],
};

/** After blutd has ended, which would make them again. */
function stopTimers(timers: readonly string[]): Step {
  const what = "systemd holds the clock of no schedule any more";
  return { kind: "run", what, command: [...systemctl, "stop", ...timers] };
}

function unitSteps(place: Place, now: Now): Step[] {
  const { carriedUnits, packagedUnits, userUnits, programs } = place;
  if (carriedUnits === undefined) {
    // A copy that an earlier blut made would hide what the package brings.
    const isHidden = packagedUnits !== undefined;
    return isHidden
      ? copiesOf(place, now).map((file) => remove(file, "the package has its own"))
      : [];
  }
  return unitNames.flatMap((name) => {
    const text = adaptUnit(now.read(join(carriedUnits, name)) ?? "", programs);
    const file = join(userUnits, name);
    const before = now.read(file);
    return before === text ? [] : [write(file, text, "a unit of your systemd", before)];
  });
}

/** Units in the place of ours that somebody else wrote: they are not to be replaced, and would be lost. */
export function foreignUnits({ carriedUnits, userUnits }: Place, now: Now): string[] {
  if (carriedUnits === undefined) return [];
  return unitNames
    .map((name) => join(userUnits, name))
    .filter((file) => now.read(file)?.startsWith(mark) === false);
}

function copiesOf({ userUnits }: Place, now: Now): string[] {
  return unitNames
    .map((name) => join(userUnits, name))
    .filter((file) => now.read(file)?.startsWith(mark) === true);
}

function linger({ user }: Place, verb: "enable-linger" | "disable-linger", what: string): Step {
  return { kind: "run", what, command: ["loginctl", verb, user] };
}

function write(file: string, text: string, what: string, before?: string): Step {
  return { kind: "write", file, text, what, ...(before !== undefined && { before }) };
}

function remove(file: string, what: string): Step {
  return { kind: "remove", file, what };
}
