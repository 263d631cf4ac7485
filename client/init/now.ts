import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "./place.ts";

/** What of a set-up is there already. */
export interface Now {
  readonly lingers: boolean;
  readonly isEnabled: boolean;
  readonly socketIsActive: boolean;
  readonly serviceIsActive: boolean;
  /** systemd has not read the units as they lie there: an init was ended before it said so. */
  readonly needsReload: boolean;
  /** The daemon that runs was started by an older copy of its unit. */
  readonly serviceIsOld: boolean;
  /** Timers that blutd made for schedules whose clock systemd holds. */
  readonly timers: readonly string[];
  readonly read: (file: string) => string | undefined;
}

/** What a program left. */
export interface Ended {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

const longestMs = 120_000;

/**
 * Runs a program of the system to its end, which is no matter of the terminal: in a session of its own it does not
 * hear a Ctrl-C.
 */
export async function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  env: Place["env"],
  input = "",
): Promise<Ended> {
  // Bundled, an import at the top would be paid by every verb.
  const { spawn } = await import("node:child_process");
  return new Promise((resolve) => {
    const options = { env: { ...env, LC_ALL: "C" }, timeout: longestMs, detached: true };
    const child = spawn(program, args, options);
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => (said[stream] += text));
    }
    child.on("error", ({ message }) => {
      resolve({ ok: false, stdout: "", stderr: message });
    });
    child.on("close", (code, signal) => {
      const why = said.stderr || `ended by ${signal ?? `exit ${code}`}`;
      resolve({ ok: code === 0, stdout: said.stdout, stderr: why });
    });
    // A program that does not read has ended already, and says why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

const asked = ["UnitFileState", "ActiveState", "NeedDaemonReload", "ExecMainStartTimestamp"];

/** Looks at a place; a systemd that does not answer has enabled nothing. */
export async function lookAtNow(place: Place): Promise<Now> {
  const { user, env, userUnits } = place;
  const [timers, socket, service] = await Promise.all([
    timersOf(env),
    shown("blutd.socket", env),
    shown("blutd.service", env),
  ]);
  const is = (property: string, value: string) => (unit: ReadonlyMap<string, string>) =>
    unit.get(property) === value;
  return {
    lingers: existsSync(`/var/lib/systemd/linger/${user}`),
    isEnabled: [socket, service].every(is("UnitFileState", "enabled")),
    socketIsActive: is("ActiveState", "active")(socket),
    serviceIsActive: is("ActiveState", "active")(service),
    needsReload: [socket, service].some(is("NeedDaemonReload", "yes")),
    serviceIsOld: isOlder(service, join(userUnits, "blutd.service")),
    timers,
    read: (file) => (existsSync(file) ? readFileSync(file, "utf8") : undefined),
  };
}

/** What systemd says of a unit, by name. */
async function shown(unit: string, env: Place["env"]): Promise<ReadonlyMap<string, string>> {
  const how = ["show", `--property=${asked.join(",")}`, "--timestamp=unix", unit];
  const { stdout } = await runProgram(["systemctl", "--user", ...how], env);
  const lines = stdout.split("\n").map((line): [string, string] => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  });
  return new Map(lines);
}

/** Both in whole seconds, as systemd tells them: a daemon that was started right after the copy was made is not old. */
function isOlder(service: ReadonlyMap<string, string>, copy: string): boolean {
  const started = /^@(\d+)$/.exec(service.get("ExecMainStartTimestamp") ?? "")?.[1];
  const made = statSync(copy, { throwIfNoEntry: false })?.mtimeMs;
  return started !== undefined && made !== undefined && Math.floor(made / 1000) > Number(started);
}

/** Those of this user's own blut: another daemon's say another socket. */
async function timersOf(env: Place["env"]): Promise<string[]> {
  const wanted = ` for ${env["XDG_RUNTIME_DIR"] ?? ""}/blut/blutd.sock (`;
  const listing = ["list-units", "--plain", "--no-legend", "--full", "blut-schedule-*.timer"];
  const { stdout } = await runProgram(["systemctl", "--user", ...listing], env);
  const lines = stdout.split("\n").filter((line) => line.includes(wanted));
  return lines.map((line) => line.slice(0, line.indexOf(" ")));
}
