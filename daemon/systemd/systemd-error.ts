/**
 * Why systemd did not do what it was asked.
 * - `bus-closed` nothing was sent: there is no connection now
 * - `bus-lost`, `bus-timeout`, `bus-busy` sent, but whether it was carried out is unknown
 * - `outcome-unknown` asked for the unit itself as well, and that gave no answer in time either
 * - `not-done` the answer was lost and the unit shows that the call had no effect
 * - `systemd-away` the bus is there, systemd is not on it
 * - `job-failed` the job ended otherwise than `done`; `jobResult` has systemd's word
 */
export type SystemdErrorReason =
  | "bus-closed"
  | "bus-lost"
  | "bus-timeout"
  | "bus-busy"
  | "bus-error"
  | "systemd-away"
  | "outcome-unknown"
  | "not-done"
  | "no-such-unit"
  | "unit-exists"
  | "pid-gone"
  | "access-denied"
  | "invalid-property"
  | "job-failed";

/** An expected failure of the bus or of systemd; `message` is for people, `dbusName` as the bus sent it. */
export interface SystemdError {
  readonly reason: SystemdErrorReason;
  readonly message: string;
  readonly dbusName?: string;
  readonly jobResult?: string;
}

const reasonByDbusName: Readonly<Record<string, SystemdErrorReason>> = {
  "org.freedesktop.systemd1.NoSuchUnit": "no-such-unit",
  "org.freedesktop.systemd1.UnitExists": "unit-exists",
  "org.freedesktop.systemd1.NoSuchProcess": "pid-gone",
  "org.freedesktop.DBus.Error.UnixProcessIdUnknown": "pid-gone",
  "org.freedesktop.DBus.Error.AccessDenied": "access-denied",
  "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired": "access-denied",
  "org.freedesktop.DBus.Error.AuthFailed": "access-denied",
  "org.freedesktop.DBus.Error.PropertyReadOnly": "invalid-property",
  "org.freedesktop.DBus.Error.UnknownProperty": "invalid-property",
  "org.freedesktop.DBus.Error.InvalidArgs": "invalid-property",
  "System.Error.ENXIO": "invalid-property",
  "System.Error.ESRCH": "pid-gone",
  "org.freedesktop.DBus.Error.NoReply": "bus-timeout",
  "org.freedesktop.DBus.Error.Timeout": "bus-timeout",
  "org.freedesktop.DBus.Error.TimedOut": "bus-timeout",
  "org.freedesktop.DBus.Error.Disconnected": "bus-lost",
  "org.freedesktop.DBus.Error.LimitsExceeded": "bus-busy",
  "System.Error.EAGAIN": "bus-busy",
  "org.freedesktop.DBus.Error.ServiceUnknown": "systemd-away",
  "org.freedesktop.DBus.Error.NameHasNoOwner": "systemd-away",
  "org.freedesktop.DBus.Error.Spawn.ChildExited": "systemd-away",
};

/** Translates a D-Bus error reply; a name nobody mapped is `bus-error`. */
export function fromDbusError(dbusName: string, text: string): SystemdError {
  return { reason: reasonByDbusName[dbusName] ?? "bus-error", message: text, dbusName };
}

/** True when the call may have been carried out all the same: look before doing it again. */
export function isOutcomeUnknown(error: SystemdError): boolean {
  return (
    error.reason === "bus-lost" || error.reason === "bus-timeout" || error.reason === "bus-busy"
  );
}
