import type { NotifyPolicy } from "./config.ts";
import type { Values } from "./settings.ts";

/** Whom to tell of what; refuses what cannot be meant together. */
export function notifyPolicy(values: Values, problems: string[]): NotifyPolicy {
  const webhook = webhookOf(values, problems);
  const command = values["notify.command"];
  return {
    on: values["notify.on"],
    ...(command !== undefined && { command }),
    ...(webhook !== undefined && { webhook }),
    desktop: values["notify.desktop"],
    timeoutMs: values["notify.timeout"],
    retries: values["notify.retries"],
    intervalMs: values["notify.interval"],
  };
}

function webhookOf(values: Values, problems: string[]): NotifyPolicy["webhook"] {
  const url = values["notify.webhook"];
  const secretFile = values["notify.secret-file"];
  if (url === undefined) {
    if (secretFile !== undefined) {
      problems.push("notify.secret-file: it signs what goes to notify.webhook, which is not set");
    }
    return undefined;
  }
  const { protocol, hostname } = new URL(url);
  if (protocol === "http:" && !isLoopback(hostname) && !values["notify.allow-http"]) {
    problems.push(
      "notify.webhook: over http everybody on the way reads it; use https, or set notify.allow-http = true",
    );
  }
  return { url, ...(secretFile !== undefined && { secretFile }) };
}

/** This box itself. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}
