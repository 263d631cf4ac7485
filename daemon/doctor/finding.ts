/** One thing that unattended work needs, and how it stands. */
export interface Finding {
  /** Short name of what was looked at. */
  readonly check: string;
  readonly level: "ok" | "warn" | "fail";
  readonly message: string;
  /** The exact command, or what to change; there unless the level is `ok`. */
  readonly remedy?: string;
}

/** Nothing to do. */
export function fine(check: string, message: string): Finding {
  return { check, level: "ok", message };
}

/** Work goes on, but something unattended work wants is missing. */
export function warning(check: string, message: string, remedy: string): Finding {
  return { check, level: "warn", message, remedy };
}

/** Work cannot go on until it is put right. */
export function fault(check: string, message: string, remedy: string): Finding {
  return { check, level: "fail", message, remedy };
}
