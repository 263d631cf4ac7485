import type { Clock } from "../../base/clock.ts";
import { takeListenFds } from "../../systemd/service/listen-fds.ts";
import { Notifier } from "../../systemd/service/notifier.ts";

/** What systemd gave a daemon that it started; without one there is no socket, and nobody to tell. */
export interface Service {
  /** The socket that it listens on already. */
  readonly socket?: number;
  readonly notifier: Notifier;
}

/** A start that goes on asks for so much more each time, well before the last ask runs out. */
const moreMs = 120_000;
const askEveryMs = 30_000;

/** Takes what systemd gave out of `env`, before any program is started that it is not meant for. */
export function takeService(env: Record<string, string | undefined>, pid: number): Service {
  const [socket] = takeListenFds(env, pid);
  const notifier = Notifier.take(env, pid, (why) => {
    process.stderr.write(`{"level":40,"msg":"systemd cannot be told anything: ${why}"}\n`);
  });
  return { ...(socket !== undefined && { socket }), notifier };
}

/** A start that takes long is told, so that systemd does not take it for one that hangs; call to end that. */
export function stretchStart(notifier: Notifier, clock: Clock): () => void {
  if (!notifier.isHeard) return () => undefined;
  const ask = (): (() => void) =>
    clock.after(askEveryMs, () => {
      const STATUS = "starting: taking over what an earlier daemon left";
      void notifier.tell({ STATUS, EXTEND_TIMEOUT_USEC: String(moreMs * 1000) });
      callOff = ask();
    });
  let callOff = ask();
  return () => {
    callOff();
  };
}
