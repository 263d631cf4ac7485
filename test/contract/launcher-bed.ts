import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../daemon/base/clock.ts";
import { IdSource } from "../../daemon/base/id-source.ts";
import type { Containment } from "../../daemon/domain/host.ts";
import type { ExitReport } from "../../daemon/launcher/exit-report.ts";
import type { AdoptSpec, LaunchSpec, LiveAttempt } from "../../daemon/launcher/launcher.ts";
import type { Manager } from "../../daemon/systemd/manager.ts";
import { openLauncher, type OpenLauncher } from "./launcher-kinds.ts";

const starterFile = fileURLToPath(new URL("launcher-starter.ts", import.meta.url));
export const mib = 1024 * 1024;

/** A program of test/fixtures/stages. */
export function stage(name: string): string {
  return fileURLToPath(new URL(`../fixtures/stages/${name}`, import.meta.url));
}

/** One launcher with a place of its own; everything started in it is killed and released at the end. */
export class LauncherBed {
  readonly kind: Containment;
  readonly home: string;
  readonly #open: OpenLauncher;
  readonly #ids = new IdSource(systemClock);
  readonly #attempts: LiveAttempt[] = [];

  private constructor(kind: Containment, open: OpenLauncher) {
    this.kind = kind;
    this.#open = open;
    this.home = mkdtempSync(path.join(tmpdir(), "launcher-"));
  }

  static async of(kind: Containment): Promise<LauncherBed> {
    return new LauncherBed(kind, await openLauncher(kind));
  }

  get launcher() {
    return this.#open.launcher;
  }

  get manager(): Manager {
    if (this.#open.manager === undefined) throw new Error("this launcher has no systemd");
    return this.#open.manager;
  }

  /** A spec with a fresh directory: small limit, short grace, environment with a PATH alone. */
  spec(argv: readonly [string, ...string[]], change: Partial<LaunchSpec> = {}): LaunchSpec {
    const attemptId = this.#ids.attemptId();
    const directory = path.join(this.home, attemptId);
    mkdirSync(directory, { mode: 0o700 });
    return {
      ...{ attemptId, argv, directory, cwd: this.home, limitBytes: 256 * mib, graceMs: 1000 },
      ...{ environment: { PATH: "/usr/bin:/bin" }, description: "contract" },
      ...change,
    };
  }

  async start(spec: LaunchSpec): Promise<LiveAttempt> {
    const started = await this.launcher.start(spec);
    if (!started.ok) throw new Error(started.error.message);
    this.#attempts.push(started.value);
    return started.value;
  }

  /** Runs it to its end. */
  async run(
    argv: readonly [string, ...string[]],
    change: Partial<LaunchSpec> = {},
  ): Promise<{ readonly report: ExitReport; readonly spec: LaunchSpec }> {
    const spec = this.spec(argv, change);
    const attempt = await this.start(spec);
    return { report: await attempt.ended, spec };
  }

  /** Starts it in another process, which is then killed with -9. */
  async startAndDie(spec: LaunchSpec): Promise<AdoptSpec> {
    const args = [starterFile, this.kind, JSON.stringify(spec)];
    const starter = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = (await once(starter.stdout, "data")) as [Buffer];
    if (said.toString() !== "started\n") throw new Error(said.toString());
    const gone = once(starter, "exit");
    starter.kill("SIGKILL");
    await gone;
    return { ...spec, sameBoot: true };
  }

  /** Adopts what must be live. */
  async adoptLive(spec: AdoptSpec): Promise<LiveAttempt> {
    const adoption = await this.launcher.adopt(spec);
    if (adoption.kind !== "live") throw new Error(`expected a live attempt, got ${adoption.kind}`);
    this.#attempts.push(adoption.attempt);
    return adoption.attempt;
  }

  async close(): Promise<void> {
    for (const attempt of this.#attempts) {
      await attempt.kill();
      await attempt.ended;
      await this.launcher.release(attempt.attemptId);
    }
    this.#open.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** What the command wrote. */
export function outputOf(spec: LaunchSpec, stream: "stdout" | "stderr" = "stdout"): string {
  return readFileSync(path.join(spec.directory, `${stream}.log`), "utf8");
}

/** Settles once the file in the attempt's directory holds the text. */
export async function saying(spec: LaunchSpec, text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (!outputOf(spec).includes(text)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(path.join(spec.directory, "stdout.log"), look);
    look();
  });
}
