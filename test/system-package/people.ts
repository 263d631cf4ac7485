import { spawnSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";

/** Types a command as somebody, answers what it printed, and throws with all of it when it fails. */
export type Hands = (program: string, ...args: string[]) => string;

/** What somebody sees of a daemon. */
export interface Person {
  readonly type: Hands;
  /** `blutctl WORDS --json`, read. */
  readonly ask: (...words: string[]) => unknown;
}

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The administrator, at a shell of root's. */
export const root: Hands = handsWith([], { PATH: path, HOME: "/root", LANG: "C.UTF-8" });

/** Somebody who is logged in, with the variables that PAM would set; `more` stands beside them. */
export function person(name: string, more: Readonly<Record<string, string>> = {}): Person {
  const uid = root("id", "-u", name).trim();
  const runtime = `/run/user/${uid}`;
  // The groups are read each time: somebody may just have been taken into one.
  const become = ["setpriv", "--reuid", name, "--regid", name, "--init-groups", "--"];
  const type = handsWith(become, {
    PATH: path,
    HOME: `/home/${name}`,
    USER: name,
    LANG: "C.UTF-8",
    XDG_RUNTIME_DIR: runtime,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${runtime}/bus`,
    ...more,
  });
  return { type, ask: (...words) => JSON.parse(type("blutctl", ...words, "--json")) as unknown };
}

function handsWith(become: readonly string[], env: Readonly<Record<string, string>>): Hands {
  return (...words) => {
    const [program = "", ...args] = [...become, ...words];
    const done = spawnSync(program, args, {
      env,
      cwd: env["HOME"] ?? "/",
      encoding: "utf8",
      maxBuffer: 64 * 1024 ** 2,
    });
    if (done.status === 0) return done.stdout;
    const said = `${done.stdout}${done.stderr}`.slice(-2000);
    throw new Error(`${words.join(" ")}: exit ${done.status ?? "by a signal"}\n${said}`);
  };
}

/** Waits until a look at the system answers true; the guest's own time limit is the bound. */
export async function until(what: string, look: () => boolean): Promise<void> {
  const startedAt = Date.now();
  let isTold = false;
  while (!look()) {
    if (!isTold && Date.now() - startedAt > 30_000) {
      process.stdout.write(`still waiting: ${what}\n`);
      isTold = true;
    }
    await pause(200);
  }
}
