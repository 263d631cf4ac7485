/** The first descriptor that systemd hands to a service. */
const firstFd = 3;

/**
 * The sockets that systemd listened on before it started this process, by their descriptors; none where
 * somebody else started it. What said so is taken out of `env`: programs that we start are not meant.
 */
export function takeListenFds(env: Record<string, string | undefined>, pid: number): number[] {
  const { LISTEN_PID: meant, LISTEN_FDS: count } = env;
  for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"]) {
    // Assigning undefined would make it the text "undefined".
    Reflect.deleteProperty(env, name);
  }
  if (meant !== String(pid) || count === undefined || !/^\d{1,3}$/.test(count)) return [];
  return Array.from({ length: Number(count) }, (_, index) => firstFd + index);
}
