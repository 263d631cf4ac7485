import type { Failure } from "../domain/failure.ts";
import type { AttemptId } from "../domain/ids.ts";
import { ok, type Result } from "../domain/result.ts";
import { AttemptOutput } from "./output/attempt-output.ts";
import { adoptionOfFiles } from "./harvest.ts";
import { leftoverGraceMs, type LauncherOptions } from "./launcher-options.ts";
import type { Adoption, AdoptSpec, Launcher, LaunchSpec, LiveAttempt } from "./launcher.ts";
import { PollingAttempt } from "./polling/polling-attempt.ts";
import { ageMs, recallShim } from "./process-record.ts";
import { readProcessTable, type ProcessIdentity } from "./process-table.ts";
import { ProcessTree } from "./process-tree.ts";
import { ProcessWatch } from "./polling/process-watch.ts";
import { openGate, startShim } from "./shim/shim-start.ts";
import type { Shim } from "./shim/shim.ts";
import { SpareShims } from "./shim/spare-shims.ts";

/**
 * Attempts where there is no systemd (a container, a laptop without a user manager). The limit is kept
 * by looking ten times a second and killing what is over: a fast enough spike gets past it, and so does
 * a process that flees (see {@link ProcessTree}). The box is safe only with systemd.
 */
export class PollingLauncher implements Launcher {
  readonly containment = "polling";
  readonly #options: LauncherOptions;
  readonly #watch: ProcessWatch;
  readonly #spares: SpareShims;
  readonly #held = new Set<AttemptId>();

  constructor(options: LauncherOptions) {
    this.#options = options;
    this.#watch = new ProcessWatch(options.clock);
    this.#spares = new SpareShims(options.clock);
  }

  async start(spec: LaunchSpec): Promise<Result<LiveAttempt, Failure>> {
    const waiting = await startShim(spec, this.#spares);
    if (!waiting.ok) return waiting;
    const { shim, identity, logs } = waiting.value;
    const { clock, output } = this.#options;
    const held = AttemptOutput.of(clock, output, spec.directory, logs);
    const attempt = this.#attend(spec, identity, held, { shim });
    await openGate(waiting.value);
    this.#spares.replenish();
    return ok(attempt);
  }

  adopt(spec: AdoptSpec): Promise<Adoption> {
    const { clock, output } = this.#options;
    const shim = spec.sameBoot ? recallShim(spec.directory) : undefined;
    if (shim === undefined || new ProcessTree(shim).look(readProcessTable()).length === 0) {
      return Promise.resolve(adoptionOfFiles(spec));
    }
    const held = AttemptOutput.reopen(clock, output, spec.directory);
    const ranMs = ageMs(shim);
    const attempt = this.#attend(spec, shim, held, { ranMs });
    return Promise.resolve({ kind: "live", attempt, ranMs });
  }

  release(attemptId: AttemptId): Promise<void> {
    this.#held.delete(attemptId);
    return Promise.resolve();
  }

  holdings(): Promise<readonly AttemptId[]> {
    return Promise.resolve([...this.#held]);
  }

  #attend(
    { attemptId, directory, limitBytes }: AdoptSpec | LaunchSpec,
    shimIdentity: ProcessIdentity,
    output: AttemptOutput,
    more: { readonly shim: Shim } | { readonly ranMs: number },
  ): PollingAttempt {
    this.#held.add(attemptId);
    const { clock } = this.#options;
    return new PollingAttempt({
      ...{ clock, watch: this.#watch, attemptId, directory, limitBytes, leftoverGraceMs },
      ...{ shimIdentity, output, ...more },
    });
  }
}
