import { existsSync, readFileSync } from "node:fs";
import type { Place } from "./place.ts";

/** What of a set-up is there already. */
export interface Now {
  readonly lingers: boolean;
  readonly isEnabled: boolean;
  readonly socketIsActive: boolean;
  readonly serviceIsActive: boolean;
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

/** Runs a program of the system to its end. */
export async function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  env: Place["env"],
  input = "",
): Promise<Ended> {
  // Bundled, an import at the top would be paid by every verb.
  const { execFile } = await import("node:child_process");
  return new Promise((resolve) => {
    const options = { env: { ...env, LC_ALL: "C" }, timeout: longestMs };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ ok: error === null, stdout, stderr: stderr || (error?.message ?? "") });
    });
    // A program that does not read has ended already, and says why.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/** Looks at a place; a systemd that does not answer has enabled nothing. */
export async function lookAtNow({ user, env }: Place): Promise<Now> {
  const shown = async (unit: string, property: string): Promise<string> => {
    const asked = [
      "systemctl",
      "--user",
      "show",
      `--property=${property}`,
      "--value",
      unit,
    ] as const;
    return (await runProgram([...asked], env)).stdout.trim();
  };
  const [timers, socketFile, serviceFile, socket, service] = await Promise.all([
    timersOf(env),
    shown("blutd.socket", "UnitFileState"),
    shown("blutd.service", "UnitFileState"),
    shown("blutd.socket", "ActiveState"),
    shown("blutd.service", "ActiveState"),
  ]);
  return {
    lingers: existsSync(`/var/lib/systemd/linger/${user}`),
    isEnabled: socketFile === "enabled" && serviceFile === "enabled",
    socketIsActive: socket === "active",
    serviceIsActive: service === "active",
    timers,
    read: (file) => (existsSync(file) ? readFileSync(file, "utf8") : undefined),
  };
}

/** Those of this user's own blut: another daemon's say another socket. */
async function timersOf(env: Place["env"]): Promise<string[]> {
  const wanted = ` for ${env["XDG_RUNTIME_DIR"] ?? ""}/blut/blutd.sock (`;
  const listing = ["list-units", "--plain", "--no-legend", "--full", "blut-schedule-*.timer"];
  const { stdout } = await runProgram(["systemctl", "--user", ...listing], env);
  const lines = stdout.split("\n").filter((line) => line.includes(wanted));
  return lines.map((line) => line.slice(0, line.indexOf(" ")));
}
