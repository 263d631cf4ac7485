/** Address of the user's own bus, where systemd --user answers. */
export function userBusAddress(
  env: Readonly<Record<string, string | undefined>>,
  uid: number,
): string {
  const runtimeDir = env["XDG_RUNTIME_DIR"] ?? `/run/user/${String(uid)}`;
  return env["DBUS_SESSION_BUS_ADDRESS"] ?? `unix:path=${runtimeDir}/bus`;
}
