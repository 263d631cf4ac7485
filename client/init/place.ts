import { existsSync } from "node:fs";
import { join } from "node:path";
import { blutdBeside, ownRoot } from "../blutd-beside.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The two units of a user's own blut. */
export const unitNames = ["blutd.service", "blutd.socket"] as const;

/** Where packages put units of users, and administrators theirs. */
const systemPlaces = [
  "/etc/systemd/user",
  "/usr/local/lib/systemd/user",
  "/usr/lib/systemd/user",
  "/lib/systemd/user",
];

/** Where everything lies that a set-up touches. */
export interface Place {
  readonly user: string;
  readonly uid: number;
  /** For programs that talk to the user's systemd; a shell of `su` has no session. */
  readonly env: Environment;
  /** Units that this blut brings to be copied; undefined where a package has put them in their place. */
  readonly carriedUnits: string | undefined;
  readonly packagedUnits: string | undefined;
  readonly userUnits: string;
  readonly configFile: string;
  /** What a set-up made that nothing else tells. */
  readonly recordFile: string;
  /** The command lines of both programs, for a unit. */
  readonly programs: { readonly blutd: readonly string[]; readonly blutctl: readonly string[] };
}

/** Finds it out; reads nothing but whether files are there. */
export async function findPlace(env: Environment, uid: number): Promise<Place> {
  const { userInfo } = await import("node:os");
  const root = ownRoot();
  const config = xdg(env["XDG_CONFIG_HOME"]) ?? join(env["HOME"] ?? "/", ".config");
  const carried = join(root, "units/user");
  const packaged = systemPlaces.find((place) => existsSync(join(place, "blutd.socket")));
  return {
    user: userName(userInfo, uid),
    uid,
    env: { ...env, XDG_RUNTIME_DIR: xdg(env["XDG_RUNTIME_DIR"]) ?? `/run/user/${uid}` },
    carriedUnits: existsSync(join(carried, "blutd.service")) ? carried : undefined,
    packagedUnits: packaged,
    userUnits: join(config, "systemd/user"),
    configFile: join(config, "blut/blut.toml"),
    recordFile: join(config, "blut/init.json"),
    programs: programsIn(root),
  };
}

/** Many containers run with a number that nothing names. */
function userName(read: () => { readonly username: string }, uid: number): string {
  try {
    return read().username;
  } catch {
    return String(uid);
  }
}

/** A package has launchers that bring a Node; a checkout is run by the Node that runs this. */
function programsIn(root: string): Place["programs"] {
  const launcher = (name: string): string => join(root, "bin", name);
  if (existsSync(launcher("blutd"))) {
    return { blutd: [launcher("blutd")], blutctl: [launcher("blutctl")] };
  }
  const node = process.execPath;
  return {
    blutd: [node, blutdBeside(root) ?? "/usr/bin/blutd"],
    blutctl: [node, join(root, "client/blutctl.ts")],
  };
}

function xdg(value: string | undefined): string | undefined {
  return value?.startsWith("/") === true ? value : undefined;
}
