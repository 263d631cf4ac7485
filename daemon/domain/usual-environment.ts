type Environment = Readonly<Record<string, string | undefined>>;

const usual = ["HOME", "PATH", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "XDG_RUNTIME_DIR"];

/** Of the daemon's environment, what a program that nobody called needs to find its way. */
export function usualEnvironment(env: Environment): Record<string, string> {
  const own = usual.flatMap((key) => {
    const value = env[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(own);
}
