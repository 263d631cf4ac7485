import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { person, root, until, type Person } from "./people.ts";
import { added, tracesNow, type Traces } from "./traces.ts";

/*
 * The life of the Debian package, typed as people type it. First boot: install, use, upgrade under live work, shut
 * down. Second boot: everything is back by itself; then remove, install again, purge.
 */

interface Run {
  readonly id: string;
  readonly state: string;
  readonly sentence: string;
  readonly history: readonly { readonly id: string; readonly outcome?: { cause: string } }[];
}

interface Schedules {
  readonly schedules: readonly { readonly history: readonly { readonly instant: number }[] }[];
}

/** What the second boot has to know of the first. */
interface Promised {
  readonly clean: Traces;
  readonly bootId: string;
  readonly lastInstant: number;
}

const note = "/root/promised.json";
const gates = "/srv/gates";
const built = "/tree/dist/in-test";
const [previous, next] = ["0.0.1", "0.0.2"];
const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8");

function install(version: string): void {
  root("dpkg", "-i", `${built}/blut_${version}_amd64.deb`);
}

/** Makes of the test guest what the package expects to find: a plain Debian with somebody called ada on it. */
function moveIn(): void {
  rmSync("/usr/sbin/policy-rc.d", { force: true });
  // The guest's own account has the name that is the package's.
  root("systemctl", "stop", "user@1000.service");
  root("usermod", "--login", "ada", "--home", "/home/ada", "--move-home", "blut");
  root("groupmod", "--new-name", "ada", "blut");
  root("loginctl", "disable-linger", "ada");
  rmSync("/var/lib/systemd/linger/blut", { force: true });
  root("loginctl", "enable-linger", "ada");
  root("systemctl", "start", "user@1000.service");
  root("mkdir", "-m", "755", gates);
}

/** Submits work that goes on until `open` is called with its name. */
function submitGated(who: Person, name: string, ...options: string[]): void {
  root("mkfifo", "-m", "666", `${gates}/${name}`);
  const command = ["sh", "-c", `cat ${gates}/${name} && echo ${name} is done`];
  who.type("blutctl", "submit", "--name", name, ...options, "--", ...command);
}

/** Lets gated work end: whoever reads the gate comes to its end. */
function open(name: string): void {
  root("timeout", "120", "sh", "-c", `: > ${gates}/${name}`);
  rmSync(`${gates}/${name}`);
}

function show(who: Person, name: string): Run {
  return who.ask("show", name) as Run;
}

async function running(who: Person, name: string): Promise<Run> {
  await until(`${name} runs`, () => {
    const { state, sentence } = show(who, name);
    assert.ok(["queued", "running"].includes(state), `${name}: ${sentence}`);
    return state === "running";
  });
  return show(who, name);
}

/** A run that a shutdown ended comes to a good end at the next try; which of the two words, hangs on who was first. */
function expectAgain(who: Person, name: string): void {
  who.type("blutctl", "wait", name);
  const [first, second] = show(who, name).history.map(({ outcome }) => outcome?.cause ?? "none");
  assert.ok(["lost", "killed-from-outside"].includes(first ?? ""), first);
  assert.equal(second, "succeeded");
}

/** Waits for a run's good end, and that each of its attempts ended as told. */
function expectEnd(who: Person, name: string, causes: readonly string[]): void {
  who.type("blutctl", "wait", name);
  const run = show(who, name);
  const found = run.history.map(({ outcome }) => outcome?.cause ?? "none");
  assert.deepEqual(found, causes, run.sentence);
}

/** The newest instant of ada's schedule that was dealt with; 0 for none. */
function lastInstant(who: Person): number {
  const { schedules } = who.ask("schedule", "list") as Schedules;
  return schedules[0]?.history[0]?.instant ?? 0;
}

async function firesOn(who: Person, after: number): Promise<void> {
  await until("the schedule fires on", () => lastInstant(who) > after);
}

async function serves(who: Person, version: string): Promise<void> {
  await until(
    `blutd ${version} answers`,
    () => (who.ask("status") as { readonly version: string }).version === version,
  );
}

async function before(): Promise<void> {
  moveIn();
  const clean = tracesNow();

  install(previous);
  assert.equal(existsSync("/var/lib/systemd/linger/blut"), true);
  assert.throws(() => root("systemctl", "is-enabled", "blutd.socket"), /disabled/);
  const ada = person("ada");
  ada.type("blutctl", "init", "--yes");
  ada.type("blutctl", "submit", "--name", "hello", "--", "echo", "hello");
  ada.type("blutctl", "wait", "hello");
  assert.equal(ada.type("blutctl", "log", "hello"), "hello\n");
  said("installed, and a first run is through");

  root("usermod", "--append", "--groups", "blut", "ada");
  root("systemctl", "enable", "--now", "blutd.socket");
  const box = person("ada", { BLUT_SOCKET: "/run/blut/blutd.sock" });
  const everybody = [ada, box] as const;
  ada.type("mkdir", "-p", "/home/ada/.config/blut/schedules");
  const schedule = "/home/ada/.config/blut/schedules/tick.toml";
  ada.type("sh", "-c", `printf 'every = "2s"\\ncommand = ["true"]\\n' > ${schedule}`);
  root("sh", "-c", "echo '# mine' >> /etc/blut/blut.toml");
  submitGated(ada, "long");
  ada.type("blutctl", "submit", "--name", "later", "--needs", "long", "--", "true");
  submitGated(box, "wide", "--cwd", "/");
  const attempts = [await running(ada, "long"), await running(box, "wide")].map(attemptsOf);
  await firesOn(ada, 0);
  const fired = lastInstant(ada);

  install(next);
  for (const who of everybody) await serves(who, next);
  assert.match(readFileSync("/etc/blut/blut.toml", "utf8"), /# mine$/m);
  assert.deepEqual([show(ada, "long"), show(box, "wide")].map(attemptsOf), attempts);
  await firesOn(ada, fired);
  for (const name of ["long", "wide"]) open(name);
  for (const name of ["long", "later"]) expectEnd(ada, name, ["succeeded"]);
  expectEnd(box, "wide", ["succeeded"]);
  said("upgraded under live work: it went on, and the schedule fires on");

  submitGated(ada, "night");
  ada.type("blutctl", "submit", "--name", "morning", "--needs", "night", "--", "true");
  submitGated(box, "far", "--cwd", "/");
  await running(ada, "night");
  await running(box, "far");
  const promised: Promised = { clean, bootId: bootId(), lastInstant: lastInstant(ada) };
  writeFileSync(note, JSON.stringify(promised));
  // What a shutdown does, as far as a guest can that still has to say how it ended.
  root("systemctl", "stop", "blutd.service", "user@1000.service", `user@${uidOfBlut()}.service`);
  root("sync");
}

function uidOfBlut(): string {
  return root("id", "-u", "blut").trim();
}

function attemptsOf(run: Run): readonly string[] {
  return run.history.map(({ id }) => id);
}

async function after(): Promise<void> {
  const promised = JSON.parse(readFileSync(note, "utf8")) as Promised;
  rmSync(note);
  assert.notEqual(bootId(), promised.bootId);
  const ada = person("ada");
  const box = person("ada", { BLUT_SOCKET: "/run/blut/blutd.sock" });
  // Not a word to the socket before: nobody is there to call at night.
  await until("ada's daemon is back", () => isActive("--user", "--machine", "ada@"));
  await until("the box's daemon is back", () => isActive("--system"));
  await firesOn(ada, promised.lastInstant);
  await running(ada, "night");
  await running(box, "far");
  for (const name of ["night", "far"]) open(name);
  expectAgain(ada, "night");
  expectEnd(ada, "morning", ["succeeded"]);
  expectAgain(box, "far");
  said("after the reboot everything is back");

  submitGated(ada, "left");
  const left = attemptsOf(await running(ada, "left"));
  root("dpkg", "--remove", "blut");
  assert.equal(isActive("--user", "--machine", "ada@"), false);
  assert.equal(existsSync("/run/user/1000/blut/blutd.sock"), false);
  install(next);
  ada.type("blutctl", "init", "--yes");
  assert.deepEqual(attemptsOf(await running(ada, "left")), left);
  open("left");
  expectEnd(ada, "left", ["succeeded"]);
  said("removed under live work and installed again: it went on");

  // Daemons that could not start are no more there afterwards than those that run.
  root("sh", "-c", "echo broken >> /etc/blut/blut.toml");
  ada.type("sh", "-c", "echo broken >> ~/.config/blut/blut.toml");
  assert.throws(() => root("systemctl", "start", "blutd.service"), /failed/);
  assert.throws(() => ada.type("systemctl", "--user", "restart", "blutd.service"), /failed/);
  root("dpkg", "--purge", "blut");
  rmSync(gates, { recursive: true });
  // By policy: the account stays, and what people keep in their homes.
  assert.deepEqual(added(promised.clean, tracesNow()), {
    files: [],
    units: [],
    accounts: ["passwd blut", "group blut"],
  });
  said("purged: nothing is left but the account");
}

function isActive(...manager: string[]): boolean {
  const words = [...manager, "show", "--property=ActiveState", "--value", "blutd.service"];
  return root("systemctl", ...words).trim() === "active";
}

function said(sentence: string): void {
  process.stdout.write(`package: ${sentence}\n`);
}

await (process.argv[2] === "before" ? before() : after());
