import type { Clock } from "../base/clock.ts";
import type { HostRecord, Origin } from "../domain/lineage.ts";
import { GitReader } from "./git.ts";
import { safeEnvironment } from "./safe-environment.ts";

/** Finds out what attempts start from. */
export class Origins {
  readonly #host: HostRecord;
  readonly #git: GitReader;

  constructor(host: HostRecord, clock: Clock) {
    this.#host = host;
    this.#git = new GitReader(clock);
  }

  /**
   * What an attempt in that directory starts from. Asked when it starts, because a person goes on working
   * meanwhile; answered within seconds, whatever git does.
   */
  async of(cwd: string, environment: Readonly<Record<string, string>>): Promise<Origin> {
    const git = await this.#git.read(cwd);
    return {
      ...(git !== undefined && { git }),
      host: this.#host,
      environment: safeEnvironment(environment),
    };
  }
}
