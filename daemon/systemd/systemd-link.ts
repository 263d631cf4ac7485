import type { Clock } from "../base/clock.ts";
import type { Bus } from "./bus.ts";
import { busName, busPath, type BusReply, type BusSignal } from "./connection.ts";
import { textOf, type DbusArgument } from "./dbus-value.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { SystemdError } from "./systemd-error.ts";

const systemdName = "org.freedesktop.systemd1";
const managerPath = "/org/freedesktop/systemd1";
const managerInterface = `${systemdName}.Manager`;

/** What a bus that carries a {@link SystemdLink} must subscribe to. */
export const systemdMatchRules = [
  // By name: systemd tells of every unit that comes and goes, too, and each would wake us for nothing.
  `type='signal',sender='${systemdName}',path='${managerPath}',interface='${managerInterface}',member='JobRemoved'`,
  `type='signal',sender='${busName}',interface='${busName}',member='NameOwnerChanged',arg0='${systemdName}'`,
] as const;

/** Who hears of systemd; all outside of calls. */
export interface LinkListener {
  /** A signal of the Manager interface, from systemd itself. */
  signal(signal: BusSignal): void;
  /** Signals flow, and everything that happened before may have been missed. */
  attached(): void;
  detached(): void;
}

const firstRetryMs = 100;
const longestRetryMs = 5_000;
const longestFirstRetryMs = 1_600;

/**
 * systemd's manager object on a bus: knows who owns the name, keeps us subscribed across restarts of
 * the bus and of systemd, and lets no signal through that somebody else sent.
 */
export class SystemdLink {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #listener: LinkListener;
  readonly #stopListening: (() => void)[];
  #owner: string | undefined;
  #isAttached = false;
  #round = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(bus: Bus, clock: Clock, listener: LinkListener) {
    this.#bus = bus;
    this.#clock = clock;
    this.#listener = listener;
    this.#stopListening = [
      bus.onState((state) => {
        if (state === "disconnected") this.#detach();
        if (state === "reconnected") void this.#attachUntilDone(firstRetryMs);
      }),
      bus.onSignal((signal) => {
        this.#receive(signal);
      }),
    ];
  }

  /** Whether signals reach us now. */
  get isAttached(): boolean {
    return this.#isAttached;
  }

  /**
   * The first subscription; the bus is open. At boot we may be what starts the bus, and after a re-exec
   * systemd takes its name under our eyes: it gets a moment to be there.
   */
  async open(): Promise<Result<void, SystemdError>> {
    for (let pauseMs = firstRetryMs; ; pauseMs *= 2) {
      const attached = await this.#attach();
      const isAway = !attached.ok && attached.error.reason === "systemd-away";
      if (!isAway || pauseMs > longestFirstRetryMs) return attached;
      await new Promise<void>((resolve) => {
        this.#clock.after(pauseMs, resolve);
      });
    }
  }

  /** Stops listening; the bus stays open. */
  close(): void {
    this.#detach();
    for (const stop of this.#stopListening) stop();
  }

  /** Calls a method of the Manager interface. */
  async manager(
    member: string,
    signature = "",
    body: readonly DbusArgument[] = [],
  ): Promise<BusReply> {
    return await this.#object(managerPath, managerInterface, member, signature, body);
  }

  /** Reads one property of any object of systemd's; the reply has the one value. */
  async property(of: string, name: string, path = managerPath): Promise<BusReply> {
    const owner = `${systemdName}.${of}`;
    return await this.#object(path, "org.freedesktop.DBus.Properties", "Get", "ss", [owner, name]);
  }

  async #object(
    path: string,
    to: string,
    member: string,
    signature: string,
    body: readonly DbusArgument[],
  ): Promise<BusReply> {
    const destination = systemdName;
    return await this.#bus.call({ destination, path, interface: to, member, signature, body });
  }

  #receive(signal: BusSignal): void {
    if (signal.sender === busName && signal.member === "NameOwnerChanged") {
      const [name, , owner] = signal.body;
      if (name !== systemdName) return;
      this.#detach();
      if (owner !== "") void this.#attachUntilDone(firstRetryMs);
    } else if (signal.sender === this.#owner && signal.interface === managerInterface) {
      this.#listener.signal(signal);
    }
  }

  #detach(): void {
    this.#round += 1;
    this.#cancelRetry?.();
    this.#owner = undefined;
    if (!this.#isAttached) return;
    this.#isAttached = false;
    this.#listener.detached();
  }

  /** systemd comes back to a restarted bus in its own time: NameOwnerChanged tells, the timer is the net. */
  async #attachUntilDone(retryMs: number): Promise<void> {
    const round = this.#round;
    const attached = await this.#attach();
    if (attached.ok || round !== this.#round) return;
    this.#cancelRetry?.();
    this.#cancelRetry = this.#clock.after(retryMs, () => {
      void this.#attachUntilDone(Math.min(retryMs * 2, longestRetryMs));
    });
  }

  async #attach(): Promise<Result<void, SystemdError>> {
    const round = this.#round;
    const owner = await this.#bus.call({
      destination: busName,
      path: busPath,
      interface: busName,
      member: "GetNameOwner",
      signature: "s",
      body: [systemdName],
    });
    if (!owner.ok) return owner;
    if (round !== this.#round) return err(superseded);
    // Known before Subscribe is answered: a signal may come ahead of that reply.
    this.#owner = textOf(owner.value[0]);
    const subscribed = await this.manager("Subscribe");
    if (!subscribed.ok && subscribed.error.dbusName !== `${systemdName}.AlreadySubscribed`)
      return subscribed;
    if (round !== this.#round) return err(superseded);
    this.#isAttached = true;
    this.#listener.attached();
    return ok(undefined);
  }
}

const superseded: SystemdError = {
  reason: "systemd-away",
  message: "systemd left the bus while we subscribed",
};
