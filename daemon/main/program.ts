import { CommanderError } from "commander";
import pino from "pino";
import { commentedFile } from "../config/commented-file.ts";
import { readConfigFile } from "../config/read-file.ts";
import { loadConfig } from "../config/load.ts";
import { systemClock } from "../base/clock.ts";
import { hostFacts } from "../broker/probe.ts";
import { fault, type Finding } from "../doctor/finding.ts";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { stampText } from "../domain/version-stamp.ts";
import { checkBox, findingLines } from "./check.ts";
import { Daemon } from "./daemon.ts";
import type { DaemonParts } from "./parts/daemon-parts.ts";
import { daemonExits, exitCodeOfFailure } from "./exit-code-of-failure.ts";
import { closeInheritedFiles } from "./inherited-files.ts";
import { commandLine } from "./parts/command-line.ts";
import { refuseClients } from "./service/refuse-clients.ts";
import { stretchStart, takeService, type Service } from "./service/service.ts";
import { ownBuild } from "./version.ts";

type SetUp = Pick<DaemonParts, "config">;

/** What is no setting on the command line. */
interface Switches {
  readonly check?: true;
  readonly defaults?: true;
  readonly json?: true;
  readonly version?: true;
}

const usersHead =
  "# Settings of your own blut; blut.toml(5) has more on them. What is commented out holds without it.\n";

/** Log lines that nobody has read yet, in bytes, before more of them are dropped. */
const unreadLogBytes = 4 * 1024 ** 2;

/** What the command line, the file and the box come to. */
function readSetUp(flags: Record<string, string>): Result<SetUp, Failure> {
  const memTotalBytes = hostFacts()?.memTotalBytes;
  if (memTotalBytes === undefined) {
    return err(failure("containment-unavailable", "/proc/meminfo cannot be read", "mount /proc"));
  }
  const { env } = process;
  const uid = process.getuid?.() ?? 0;
  const loaded = loadConfig({ flags, env, uid, readFile: readConfigFile, memTotalBytes });
  return loaded.ok ? ok({ config: loaded.value }) : loaded;
}

/** Says why it does not start, to everybody who might ask; answers the exit code. */
async function refuse(refused: Failure, { socket, notifier }: Service): Promise<number> {
  process.stderr.write(`blutd: ${refused.message}\nremedy: ${refused.remedy}\n`);
  if (socket !== undefined) await refuseClients(socket, refused, systemClock);
  await notifier.tell({ STATUS: refused.message });
  return exitCodeOfFailure(refused);
}

/** `--check`: the findings on stdout; fails when something must be fixed before work can be left alone. */
async function examineOnly(setUp: Result<SetUp, Failure>, asJson: boolean): Promise<number> {
  const findings = setUp.ok ? await checkBox(setUp.value) : [unread(setUp.error)];
  process.stdout.write(asJson ? `${JSON.stringify({ findings })}\n` : findingLines(findings));
  return findings.some(({ level }) => level === "fail") ? daemonExits.configuration.code : 0;
}

function unread({ message, remedy }: Failure): Finding {
  return fault("configuration", message, remedy);
}

/** Runs the daemon until it is asked to stop; answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const service = takeService(process.env, process.pid);
  closeInheritedFiles(service.socket === undefined ? [] : [service.socket]);
  const program = commandLine();
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : daemonExits.usage.code;
  }
  const { check, defaults, json, version, ...flags } = program.opts<
    Switches & Record<string, string>
  >();
  const build = ownBuild();
  if (version === true) {
    process.stdout.write(`blutd ${stampText(await build.whole())}\n`);
    return 0;
  }
  if (defaults === true) {
    const text = commentedFile(usersHead);
    process.stdout.write(json === true ? `${JSON.stringify({ defaults: text })}\n` : text);
    return 0;
  }
  const setUp = readSetUp(flags);
  if (check === true) return examineOnly(setUp, json === true);
  if (!setUp.ok) return refuse(setUp.error, service);
  const logger = openLog(setUp.value.config.log.level);
  const isOpen = stretchStart(service.notifier, systemClock);
  const reread = (): ReturnType<DaemonParts["reread"]> => {
    const fresh = readSetUp(flags);
    return fresh.ok ? ok(fresh.value.config) : fresh;
  };
  const daemon = await Daemon.open({ ...setUp.value, logger, service, build, reread });
  isOpen();
  if (!daemon.ok) return refuse(daemon.error, service);
  return untilStopped(daemon.value, logger);
}

/**
 * Lines for journald, which takes the time itself. They are written beside the work: a reader that stops
 * reading holds nobody up, and past the cap its lines are dropped. What waits goes out with every exit but a kill.
 */
function openLog(level: string): pino.Logger {
  const lines = pino.destination({ dest: 2, sync: false, maxLength: unreadLogBytes });
  process.once("exit", () => {
    lines.flushSync();
  });
  return pino({ level, base: null }, lines);
}

function untilStopped(daemon: Daemon, logger: pino.Logger): Promise<number> {
  return new Promise((resolve) => {
    const leave = (code: number): void => {
      void daemon.stop().then(() => {
        resolve(code);
      });
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        leave(0);
      });
    }
    process.on("SIGHUP", () => void daemon.reload());
    daemon.onBroken((broken) => {
      logger.fatal({ reason: broken.reason }, broken.message);
      resolve(exitCodeOfFailure(broken));
    });
  });
}

for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    // A bug: what was acknowledged is on disk, and the next start adopts what runs.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${JSON.stringify({ level: 60, event, msg: text })}\n`);
    process.exit(daemonExits.software.code);
  });
}
