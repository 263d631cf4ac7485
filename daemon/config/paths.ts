import { longestSocketPathBytes } from "../domain/host.ts";
import type { Paths } from "./config.ts";
import type { Values } from "./settings.ts";

/** Who asks: the environment and the user id decide where things are. */
export interface Owner {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
}

/** The file read when nobody names one; `undefined` where there is no home to look in. */
export function defaultConfigFile({ env, uid }: Owner): string | undefined {
  if (uid === 0) return "/etc/blut/blut.toml";
  return under(xdg(env, "XDG_CONFIG_HOME", ".config"), "blut/blut.toml");
}

/** Beside the file that is read when nobody names one. */
function besideConfig(owner: Owner, directory: string): string | undefined {
  return defaultConfigFile(owner)?.replace(/blut\.toml$/, directory);
}

/** Where everything lies: what was set, else the XDG directories, else the system's for root. */
export function placePaths(
  owner: Owner,
  values: Values,
  configFile: string,
  problems: string[],
): Paths {
  const stateDir = values["state-dir"] ?? defaultStateDir(owner);
  const runtimeDir = values["runtime-dir"] ?? defaultRuntimeDir(owner);
  if (stateDir === undefined) {
    problems.push("state-dir: neither HOME nor XDG_STATE_HOME is set; set one, or --state-dir");
  }
  if (runtimeDir === undefined) {
    problems.push(
      "runtime-dir: XDG_RUNTIME_DIR is not set; a login session or `loginctl enable-linger` " +
        "brings it, or set --runtime-dir",
    );
  }
  const state = stateDir ?? "";
  const socket = values.socket ?? `${runtimeDir ?? ""}/blutd.sock`;
  const bytes = new TextEncoder().encode(socket).length;
  if (bytes > longestSocketPathBytes) {
    problems.push(
      `socket: ${socket} has ${bytes} bytes, a socket's path can have ${longestSocketPathBytes}; ` +
        "set --socket or --runtime-dir to a shorter one",
    );
  }
  return {
    stateDir: state,
    runtimeDir: runtimeDir ?? "",
    configFile,
    socket,
    database: `${state}/blut.db`,
    runsDir: `${state}/runs`,
    artifactsDir: `${state}/artifacts`,
    lockFile: `${state}/blutd.lock`,
    recipesDir: values["recipes.path"] ?? besideConfig(owner, "recipes"),
    schedulesDir: values["schedules.path"] ?? besideConfig(owner, "schedules"),
  };
}

function defaultStateDir({ env, uid }: Owner): string | undefined {
  if (uid === 0) return "/var/lib/blut";
  return under(xdg(env, "XDG_STATE_HOME", ".local/state"), "blut");
}

function defaultRuntimeDir({ env, uid }: Owner): string | undefined {
  if (uid === 0) return "/run/blut";
  return under(absolute(env["XDG_RUNTIME_DIR"]), "blut");
}

/** A base directory: the variable where it is absolute, as the XDG specification has it, else in the home. */
function xdg(env: Owner["env"], variable: string, inHome: string): string | undefined {
  return absolute(env[variable]) ?? under(absolute(env["HOME"]), inHome);
}

function absolute(path: string | undefined): string | undefined {
  return path?.startsWith("/") ? path.replace(/(?<=.)\/+$/, "") : undefined;
}

function under(base: string | undefined, rest: string): string | undefined {
  return base === undefined ? undefined : `${base === "/" ? "" : base}/${rest}`;
}
