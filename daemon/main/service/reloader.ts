import type { Logger } from "pino";
import { TurnTaking } from "../../base/turn-taking.ts";
import type { DaemonConfig } from "../../config/config.ts";
import { compareConfigs, takeOver, type ConfigChange } from "../../config/reload.ts";
import { failure, type Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Notifier } from "../../systemd/service/notifier.ts";

/** What a reload reads, and what it moves. */
export interface ReloaderParts {
  /** In force; written into. */
  readonly config: DaemonConfig;
  /** Reads file, variables and flags again. */
  readonly reread: () => Result<DaemonConfig, Failure>;
  readonly notifier: Notifier;
  readonly logger: Logger;
  /** Makes room for this budget around all work; false when systemd did not. */
  readonly hold: (budgetBytes: number) => Promise<boolean>;
  /** Something else may start now. */
  readonly onChange: () => void;
}

/** Puts a changed blut.toml in force while the daemon runs. A broken one changes nothing, and says why. */
export class Reloader {
  readonly #parts: ReloaderParts;
  #trouble: Failure | undefined;
  readonly #turns = new TurnTaking();

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
  }

  /** Why the last reload was refused; undefined once one was not. */
  get trouble(): Failure | undefined {
    return this.#trouble;
  }

  /** Settles when the change is in force and systemd knows that the reload is over. One after the other. */
  reload(): Promise<Result<ConfigChange, Failure>> {
    return this.#turns.inTurn(() => this.#reload());
  }

  async #reload(): Promise<Result<ConfigChange, Failure>> {
    const { notifier, logger, onChange } = this.#parts;
    void notifier.tell({ RELOADING: "1" });
    const change = await this.#apply();
    this.#trouble = change.ok ? undefined : change.error;
    if (change.ok) logger.info(change.value, "the configuration was read again");
    else logger.error({ reason: change.error.reason }, change.error.message);
    if (change.ok && change.value.restart.length > 0) {
      logger.warn({ settings: change.value.restart }, "settings wait for a restart of blutd");
    }
    await notifier.tell({ READY: "1" });
    onChange();
    return change;
  }

  async #apply(): Promise<Result<ConfigChange, Failure>> {
    const { config, reread, logger, hold } = this.#parts;
    const fresh = reread();
    if (!fresh.ok) return err(kept(fresh.error));
    // Room for more is there before anybody is told of it.
    if (!(await hold(fresh.value.memory.budgetBytes))) return err(kept(unmoved()));
    const change = compareConfigs(config, fresh.value);
    takeOver(config, fresh.value);
    logger.level = config.log.level;
    return ok(change);
  }
}

function unmoved(): Failure {
  return failure(
    "containment-unavailable",
    "systemd does not take the budget for blut.slice",
    "blutctl doctor says what is wrong with it; then reload again",
    { retryable: true },
  );
}

function kept(because: Failure): Failure {
  const remedy = because.remedy.replace("start again", "reload again");
  return { ...because, message: `nothing was changed: ${because.message}`, remedy };
}
