import { askProgram } from "../../base/outside-program.ts";
import { TurnTaking } from "../../base/turn-taking.ts";

/** What a service tells systemd, by the names of sd_notify(3). */
export interface Notice {
  readonly READY?: "1";
  readonly RELOADING?: "1";
  readonly STOPPING?: "1";
  readonly WATCHDOG?: "1";
  /** One sentence for `systemctl status`. */
  readonly STATUS?: string;
  readonly EXTEND_TIMEOUT_USEC?: string;
}

/** Long enough for a box that is out of breath; a systemd that takes longer hears the next notice. */
const timeoutMs = 20_000;

/**
 * Tells systemd how this service is, in order, and holds nobody up. Node has no datagram sockets of that
 * family, so `systemd-notify` is spawned for each notice. Without a systemd that listens it does nothing.
 */
export class Notifier {
  /** How long systemd waits for the next sign of life; undefined where it does not watch. */
  readonly watchdogMs: number | undefined;
  readonly #socket: string | undefined;
  readonly #path: string | undefined;
  readonly #complain: (why: string) => void;
  readonly #turns = new TurnTaking();
  #hasComplained = false;

  private constructor(
    found: { readonly socket?: string; readonly path?: string; readonly watchdogMs?: number },
    complain: (why: string) => void,
  ) {
    this.#socket = found.socket;
    this.#path = found.path;
    this.watchdogMs = found.watchdogMs;
    this.#complain = complain;
  }

  /** Takes what systemd said out of `env`, so that no program we start can speak for us. */
  static take(
    env: Record<string, string | undefined>,
    pid: number,
    complain: (why: string) => void,
  ): Notifier {
    const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: meant, PATH: path } = env;
    for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) {
      Reflect.deleteProperty(env, name);
    }
    const watchdogMs = Number(usec) / 1000;
    const isWatched = watchdogMs > 0 && (meant === undefined || meant === String(pid));
    return new Notifier(
      {
        ...(socket !== undefined && socket !== "" && { socket }),
        ...(path !== undefined && { path }),
        ...(isWatched && { watchdogMs }),
      },
      complain,
    );
  }

  /** Whether there is a systemd to tell. */
  get isHeard(): boolean {
    return this.#socket !== undefined;
  }

  /** Sends one notice after all earlier ones; settles when systemd has taken it, or did not. */
  tell(notice: Notice): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return Promise.resolve();
    return this.#turns.inTurn(() => this.#send(socket, notice));
  }

  async #send(socket: string, notice: Notice): Promise<void> {
    const words = Object.entries(notice).map(
      ([name, value]) => `${name}=${oneLine(String(value))}`,
    );
    // It ends once systemd has read the notice: of a sender that is gone systemd knows no unit any more.
    const sent = await askProgram(["systemd-notify", ...words], {
      timeoutMs,
      maxBytes: 4096,
      env: { NOTIFY_SOCKET: socket, PATH: this.#path },
    });
    if (sent.ok || this.#hasComplained) return;
    this.#hasComplained = true;
    this.#complain(sent.error.kind === "absent" ? "it is not installed" : sent.error.why);
  }
}

/** A notice is lines; what a sentence quotes from elsewhere must not become another one. */
function oneLine(text: string): string {
  return text.replace(/\p{C}+/gu, " ").slice(0, 500);
}
