import type { Containment } from "../../daemon/domain/host.ts";
import type { LaunchSpec } from "../../daemon/launcher/launcher.ts";
import { openLauncher } from "./launcher-kinds.ts";

/**
 * A daemon to be killed: `launcher-starter.ts KIND SPEC-AS-JSON` starts the attempt, says `started`
 * and stays.
 */
const [kind, spec] = process.argv.slice(2);
const { launcher } = await openLauncher(kind as Containment);
const started = await launcher.start(JSON.parse(spec ?? "") as LaunchSpec);
process.stdout.write(started.ok ? "started\n" : `${started.error.message}\n`);
setInterval(() => undefined, 60_000);
