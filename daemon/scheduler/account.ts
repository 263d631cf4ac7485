/** The account that all work runs as where it is not the account of those who submit. */
export interface Account {
  readonly name: string;
  readonly home: string;
  readonly shell: string;
}

/** What names a person's own places, session and keys. */
const personal =
  /^(HOME|USER|LOGNAME|SHELL|MAIL|XDG_(RUNTIME_DIR|(CONFIG|CACHE|DATA|STATE)_HOME|SESSION_.*)|DBUS_SESSION_BUS_ADDRESS|SSH_.*|GPG_AGENT_INFO|XAUTHORITY|SUDO_.*)$/;

/**
 * The environment that somebody submitted with, for work that runs as `account`: theirs but for what is their
 * own, which the work could not read, or should not.
 */
export function environmentFor(
  { name, home, shell }: Account,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const theirs = Object.entries(env).filter(([key]) => !personal.test(key));
  return { ...Object.fromEntries(theirs), HOME: home, USER: name, LOGNAME: name, SHELL: shell };
}
