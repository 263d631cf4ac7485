/**
 * The parts of dbus-next below its message bus, which its own types leave out. Only connection.ts uses
 * them: the bus above them never settles a call when the connection ends, leaks its match rules, and
 * lets a refused Hello escape as an unhandled rejection.
 */
declare module "dbus-next/lib/connection.js" {
  import type { EventEmitter } from "node:events";
  import type { Socket } from "node:net";
  import type { Message } from "dbus-next";

  /** Emits `connect` after the handshake, then `message`; `error` and `end` when it is over. */
  export interface LowLevelConnection extends EventEmitter {
    readonly stream: Socket;
    message(message: Message): void;
  }
  const createConnection: (options: {
    busAddress: string;
    authMethods: readonly string[];
  }) => LowLevelConnection;
  export default createConnection;
}

declare module "dbus-next/lib/message-type.js" {
  import type { Message } from "dbus-next";
  const module: { Message: typeof Message };
  export default module;
}

declare module "dbus-next/lib/variant.js" {
  import type { Variant } from "dbus-next";
  const module: { Variant: typeof Variant };
  export default module;
}
