import dbus from "dbus-next";

/** A notice as a desktop shows it. */
export interface Shown {
  readonly app: string;
  readonly summary: string;
  readonly body: string;
  readonly urgency: number | undefined;
}

const { Interface } = dbus.interface;

class Notifications extends Interface {
  readonly shown: Shown[] = [];
  readonly #capabilities: readonly string[];

  constructor(capabilities: readonly string[]) {
    super("org.freedesktop.Notifications");
    this.#capabilities = capabilities;
  }

  GetCapabilities(): readonly string[] {
    return this.#capabilities;
  }

  Notify(...said: readonly unknown[]): number {
    const [app, , , summary, body, , hints] = said as [
      string,
      number,
      string,
      string,
      string,
      unknown,
      { urgency?: { value: number } },
    ];
    this.shown.push({ app, summary, body, urgency: hints.urgency?.value });
    return this.shown.length;
  }
}
Notifications.configureMembers({
  methods: {
    GetCapabilities: { inSignature: "", outSignature: "as" },
    Notify: { inSignature: "susssasa{sv}i", outSignature: "u" },
  },
});

/** A desktop on a bus of the test's own: it keeps what it was told to show. */
export class NotificationServer {
  readonly #bus: dbus.MessageBus;
  readonly #notifications: Notifications;

  private constructor(bus: dbus.MessageBus, notifications: Notifications) {
    this.#bus = bus;
    this.#notifications = notifications;
  }

  static async open(address: string, capabilities: readonly string[]): Promise<NotificationServer> {
    const bus = dbus.sessionBus({ busAddress: address });
    const notifications = new Notifications(capabilities);
    bus.export("/org/freedesktop/Notifications", notifications);
    await bus.requestName("org.freedesktop.Notifications", 0);
    return new NotificationServer(bus, notifications);
  }

  get shown(): readonly Shown[] {
    return this.#notifications.shown;
  }

  close(): void {
    this.#bus.disconnect();
  }
}
