import type { Clock } from "../../base/clock.ts";
import { BusConnection, type BusReply } from "../../systemd/connection.ts";
import type { SystemdError } from "../../systemd/systemd-error.ts";
import { variant, type DbusArgument } from "../../systemd/dbus-value.ts";
import type { Message } from "../message.ts";
import { failed, type Sent, type Way } from "./way.ts";

/** The bus of the user whose desktop it is. */
export interface DesktopParts {
  readonly address: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

const server = {
  destination: "org.freedesktop.Notifications",
  path: "/org/freedesktop/Notifications",
  interface: "org.freedesktop.Notifications",
};
/** Of a notice that stays until somebody has seen it. */
const critical = 2;
const normal = 1;
const longestText = 2000;

/** Shows notices on the desktop, where there is one: a box in a cellar has none, and that is no fault. */
export class DesktopWay implements Way {
  readonly name = "desktop";
  readonly #parts: DesktopParts;

  constructor(parts: DesktopParts) {
    this.#parts = parts;
  }

  async send(message: Message, signal: AbortSignal): Promise<Sent> {
    if (signal.aborted) return { result: "skipped", because: "it was called off" };
    const { address, timeoutMs, clock } = this.#parts;
    // A connection for each notice: they are rare, and a bus that went away is nobody's concern in between.
    const quiet = { signal: () => undefined, ended: () => undefined };
    const made = BusConnection.to(address, clock);
    if (!made.ok) return noBus(made.error);
    const bus = made.value;
    const abort = (): void => {
      bus.close();
    };
    signal.addEventListener("abort", abort);
    try {
      const opened = await bus.open(timeoutMs, quiet);
      if (!opened.ok) return noBus(opened.error);
      const capabilities = await bus.call({ ...server, member: "GetCapabilities" }, timeoutMs);
      if (!capabilities.ok) return sentOf(capabilities);
      const [words] = capabilities.value;
      const hasMarkup = Array.isArray(words) && words.includes("body-markup");
      const body = argumentsOf(message, hasMarkup);
      const call = { ...server, member: "Notify", signature: "susssasa{sv}i", body };
      return sentOf(await bus.call(call, timeoutMs));
    } finally {
      signal.removeEventListener("abort", abort);
      bus.close();
    }
  }
}

function argumentsOf({ kind, title, text }: Message, hasMarkup: boolean): DbusArgument[] {
  const urgency = variant("y", kind === "recovery" || kind === "test" ? normal : critical);
  const said = plain(text).slice(0, longestText);
  const body = hasMarkup ? escapeMarkup(said) : said;
  const letTheServerDecide = -1;
  return ["blut", 0, "", plain(title), body, [], { urgency }, letTheServerDecide];
}

function noBus({ message }: SystemdError): Sent {
  return { result: "skipped", because: `no user bus: ${message}` };
}

function sentOf(reply: BusReply): Sent {
  if (reply.ok) return { result: "sent" };
  const { reason, message } = reply.error;
  // The word of the bus for a name that nobody has and that cannot be started.
  if (reason === "systemd-away") return { result: "skipped", because: "no desktop takes notices" };
  return failed(message, reason === "bus-timeout" || reason === "bus-lost");
}

/** Names and reasons come from outside: control characters have no business on a desktop. */
function plain(text: string): string {
  return text.replace(/[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu, " ");
}

/** The body may be read as a subset of HTML: nothing of ours is meant so. */
function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
