import { execFile } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const tree = path.resolve(import.meta.dirname, "../../..");

if (process.env["BLUT_IN_GUEST"] !== "1" || process.getuid?.() !== 0) {
  throw new Error(
    "these tests change accounts and units of the whole box: npm run guest -- --root vitest run --project box",
  );
}

/** What a command left. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as root, to its end; what it left is answered whatever came of it. */
export function run(...[program, ...args]: readonly [string, ...string[]]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd: "/tmp" }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() });
    });
    child.stdin?.end();
  });
}

/** As {@link run}, where anything but 0 is an error of the test; answers what it printed. */
export async function must(...words: readonly [string, ...string[]]): Promise<string> {
  const { code, stdout, stderr } = await run(...words);
  if (code !== 0) throw new Error(`${words.join(" ")}: ${code}: ${stderr || stdout}`);
  return stdout;
}

/** An account of the guest, and what a login session would give it. */
export class Person {
  readonly name: string;
  readonly home: string;

  constructor(name: string) {
    this.name = name;
    this.home = `/home/${name}`;
  }

  /** Runs a command as this person. */
  async run(...words: readonly [string, ...string[]]): Promise<Ran> {
    const uid = await must("id", "-u", this.name);
    const env = [
      ...[`HOME=${this.home}`, `USER=${this.name}`, `LOGNAME=${this.name}`, "LANG=C.UTF-8"],
      ...[`XDG_RUNTIME_DIR=/run/user/${uid}`, "PATH=/usr/bin:/bin", "SHELL=/bin/sh"],
      `DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/${uid}/bus`,
    ];
    const become = ["--reuid", this.name, "--regid", this.name, "--init-groups", "--"];
    return run("setpriv", ...become, "env", "-i", "-C", this.home, ...env, ...words);
  }

  /** As {@link must}, as this person. */
  async must(...words: readonly [string, ...string[]]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...words);
    if (code !== 0) throw new Error(`${words.join(" ")}: ${code}: ${stderr || stdout}`);
    return stdout;
  }
}

/** Makes an account with a home that others can enter. */
export async function person(name: string, ...groups: readonly string[]): Promise<Person> {
  await must("useradd", "--create-home", "--shell", "/bin/sh", "-G", groups.join(","), name);
  chmodSync(`/home/${name}`, 0o755);
  return new Person(name);
}

/** Puts both programs where a package puts them. */
export function installPrograms(): void {
  for (const [name, file] of [
    ["blutd", "daemon/main/blutd.js"],
    ["blutctl", "client/blutctl.ts"],
  ] as const) {
    const node = path.join(tree, "node_modules/.bin/node");
    const text = `#!/bin/sh\nexec ${node} ${path.join(tree, file)} "$@"\n`;
    writeFileSync(`/usr/bin/${name}`, text, { mode: 0o755 });
  }
}

/** Copies a file of `units/` as it is. */
export function install(file: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  copyFileSync(path.join(tree, "units", file), to);
}

/** Lets go of work that `holding` made. */
export function release(file: string): void {
  writeFileSync(file, "");
}

/** A command that notes in a file that it began, waits for another file, and notes that it ended. */
export function holding(ledger: string, until: string): readonly [string, ...string[]] {
  const script = `echo begin >> ${ledger}; while [ ! -e ${until} ]; do sleep 0.2; done; echo end >> ${ledger}`;
  return ["sh", "-c", script];
}

/** A command that ends in good order when it is told to, and the next time by itself. */
export function heedful(mark: string): readonly [string, ...string[]] {
  const script = `[ -e ${mark} ] && exit 0; trap "exit 0" TERM; : > ${mark}; sleep 1000 & wait`;
  return ["sh", "-c", script];
}

/** Where the test preloads a daemon from that stands still when told. */
export const standsStill = path.join(tree, "test/system-box/support/stands-still.ts");

/** Whether a process with this number is there. */
export const isAlive = (pid: string): boolean => existsSync(`/proc/${pid}`);
