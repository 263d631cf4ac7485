import { once } from "node:events";
import dbus, { type Message, type MessageBus } from "dbus-next";

const systemdName = "org.freedesktop.systemd1";
const managerPath = "/org/freedesktop/systemd1";
const methodCall = 1;

/** What the fake knows of a unit; change it at will. */
export interface FakeUnit {
  activeState: string;
  loadState: string;
  result: string;
  jobId: number;
}

/** A method call that a test has taken over. */
export interface FakeCall {
  readonly body: readonly unknown[];
  /** Does what systemd would do, the reply left out; returns the job's path. */
  carryOut(): string;
  reply(signature?: string, body?: readonly unknown[]): void;
  refuse(errorName: string, text?: string): void;
}

/** When JobRemoved comes, against the reply to the call that queued the job. */
export type JobRemovedTiming = "after" | "before" | "never" | "twice";

/**
 * org.freedesktop.systemd1 on a bus, as much of it as blut uses, with the faults of a bad day on
 * request. What it holds survives its connection, as systemd's units survive a restart of the bus.
 */
export class FakeSystemd {
  readonly units = new Map<string, FakeUnit>();
  /** Every method call received, in order: `StartTransientUnit`, ... */
  readonly calls: string[] = [];
  jobRemoved: JobRemovedTiming = "after";
  version = "252.39-1~deb12u1";
  readonly #address: string;
  readonly #interceptors = new Map<string, (call: FakeCall) => void>();
  readonly #callListeners = new Set<() => void>();
  readonly #subscribers = new Set<string>();
  #bus: MessageBus | undefined;
  #lastJob = 0;

  private constructor(address: string) {
    this.#address = address;
  }

  static async start(address: string): Promise<FakeSystemd> {
    const fake = new FakeSystemd(address);
    await fake.connect();
    return fake;
  }

  /** Takes its place on the bus, again after the bus was restarted. */
  async connect(): Promise<void> {
    const bus = dbus.sessionBus({ busAddress: this.#address });
    bus.on("error", () => undefined);
    await once(bus, "connect");
    this.#subscribers.clear();
    bus.addMethodHandler((message: Message) => this.#receive(message));
    this.#bus = bus;
    await bus.requestName(systemdName, 0);
  }

  /** Leaves the bus as a manager that ends does. */
  disconnect(): void {
    this.#bus?.disconnect();
    this.#bus = undefined;
  }

  /** Resolves once the bus has passed on everything sent before. */
  async settled(): Promise<void> {
    await this.#bus?.requestName(`${systemdName}.settled`, 0);
  }

  /** Takes over a method until {@link release}. */
  intercept(member: string, answer: (call: FakeCall) => void): void {
    this.#interceptors.set(member, answer);
  }

  release(member: string): void {
    this.#interceptors.delete(member);
  }

  /** Resolves once the method has been called `count` times in all. */
  async called(member: string, count = 1): Promise<void> {
    while (this.calls.filter((call) => call === member).length < count) {
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          this.#callListeners.delete(listener);
          resolve();
        };
        this.#callListeners.add(listener);
      });
    }
  }

  addUnit(name: string, unit: Partial<FakeUnit> = {}): void {
    const defaults = { activeState: "active", loadState: "loaded", result: "success", jobId: 0 };
    this.units.set(name, { ...defaults, ...unit });
  }

  /** Unique names of those who called Subscribe on this connection. */
  get subscribers(): ReadonlySet<string> {
    return this.#subscribers;
  }

  /** Sends a signal of the Manager interface; to one receiver, who need not want it, or to all. */
  emit(member: string, signature: string, body: readonly unknown[], receiver?: string): void {
    const from = `${systemdName}.Manager`;
    const signal = dbus.Message.newSignal(managerPath, from, member, signature, [...body]);
    if (receiver !== undefined) signal.destination = receiver;
    this.#bus?.send(signal);
  }

  emitJobRemoved(job: string, unit: string, result = "done", receiver?: string): void {
    const id = Number(job.split("/").at(-1));
    this.emit("JobRemoved", "uoss", [id, job, unit, result], receiver);
  }

  #receive(message: Message): boolean {
    if ((message.type as number) !== methodCall || !message.path.startsWith(managerPath))
      return false;
    const body = message.body as readonly unknown[];
    const call: FakeCall = {
      body,
      carryOut: () => this.#carryOut(message.member, body),
      reply: (signature = "", values = []) => {
        this.#bus?.send(dbus.Message.newMethodReturn(message, signature, [...values]));
      },
      refuse: (errorName, text = "refused") => {
        this.#bus?.send(dbus.Message.newError(message as never, errorName, text));
      },
    };
    const answer = this.#interceptors.get(message.member);
    if (answer === undefined) this.#answer(message, call);
    else answer(call);
    this.calls.push(message.member);
    for (const listener of [...this.#callListeners]) listener();
    return true;
  }

  #answer(message: Message, call: FakeCall): void {
    const unit = String(call.body[0]);
    switch (message.member) {
      case "Subscribe":
        if (this.#subscribers.has(message.sender)) {
          call.refuse(`${systemdName}.AlreadySubscribed`);
          return;
        }
        this.#subscribers.add(message.sender);
        call.reply();
        return;
      case "StartTransientUnit":
        if (this.units.has(unit)) call.refuse(`${systemdName}.UnitExists`);
        else this.#queueJob(unit, call);
        return;
      case "StopUnit":
        if (this.units.has(unit)) this.#queueJob(unit, call);
        else call.refuse(`${systemdName}.NoSuchUnit`);
        return;
      case "ListUnitsByPatterns":
        call.reply("a(ssssssouso)", [this.#list(call.body[1] as readonly string[])]);
        return;
      case "Get":
        call.reply("v", [
          new dbus.Variant("s", this.#property(message.path, String(call.body[1]))),
        ]);
        return;
      case "ResetFailedUnit":
      case "KillUnit":
      case "SetUnitProperties":
      case "ThawUnit":
        if (this.units.has(unit)) call.reply();
        else call.refuse(`${systemdName}.NoSuchUnit`);
        return;
      default:
        call.refuse("org.freedesktop.DBus.Error.UnknownMethod", message.member);
    }
  }

  #queueJob(unit: string, call: FakeCall): void {
    const job = call.carryOut();
    if (this.jobRemoved === "before") this.emitJobRemoved(job, unit);
    call.reply("o", [job]);
    if (this.jobRemoved === "after" || this.jobRemoved === "twice") this.emitJobRemoved(job, unit);
    if (this.jobRemoved === "twice") this.emitJobRemoved(job, unit);
  }

  #carryOut(member: string, body: readonly unknown[]): string {
    const unit = String(body[0]);
    if (member === "StartTransientUnit") {
      this.addUnit(unit);
      for (const [name] of body[3] as readonly (readonly [string])[]) this.addUnit(name);
    }
    if (member === "StopUnit") this.units.delete(unit);
    this.#lastJob += 1;
    return `${managerPath}/job/${this.#lastJob}`;
  }

  #list(patterns: readonly string[]): readonly unknown[] {
    const matches = patterns.map(
      (pattern) => new RegExp(`^${pattern.replace(/[.]/g, "\\.").replace(/[*]/g, ".*")}$`),
    );
    return [...this.units]
      .filter(([name]) => matches.some((match) => match.test(name)))
      .map(([name, unit]) => {
        const { loadState, activeState, jobId } = unit;
        return [name, "", loadState, activeState, "running", "", "/u", jobId, "", "/j"];
      });
  }

  #property(path: string, property: string): string {
    if (property === "Version") return this.version;
    const entry = [...this.units].find(([name]) => path.endsWith(escapeName(name)));
    switch (property) {
      case "LoadState":
        return entry?.[1].loadState ?? "not-found";
      case "Result":
        // What the real one says of a unit that is gone: it loads an empty one.
        return entry?.[1].result ?? "success";
      default:
        return entry === undefined ? "" : `/blut.slice/${entry[0]}`;
    }
  }
}

function escapeName(name: string): string {
  return name.replace(/[^a-zA-Z0-9]/g, (odd) => `_${odd.charCodeAt(0).toString(16)}`);
}
