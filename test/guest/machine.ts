/**
 * A machine ready to be started. Its process gets these descriptors: 1 and 2 the console's log,
 * 3 stdout, 4 stderr, 5 the control line, 6 the request, for a machine that has no disk to read it from.
 */
export interface Machine {
  readonly program: string;
  readonly args: readonly string[];
  /** Files the request carries for this machine besides the command. */
  readonly extraFiles: readonly string[];
}

/** Kernel parameters that every machine gets: a quiet boot into systemd from a writable ext4. */
export const kernelParameters = [
  "rw",
  "rootfstype=ext4",
  "quiet",
  "loglevel=3",
  "systemd.show_status=no",
  "TERM=dumb",
] as const;

/** What a person or a CI system ends us with: passed on to whatever runs at the time. */
export const forwardedSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
