import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { readOwnLines } from "../base/own-lines.ts";
import type { AttemptId } from "../domain/ids.ts";
import type { HostRecord, Origin } from "../domain/lineage.ts";
import { GitReader } from "./git.ts";
import { readOrigin } from "./line-schema.ts";
import { safeEnvironment } from "./safe-environment.ts";

/** An attempt with the directory that is its own. */
interface Begun {
  readonly id: AttemptId;
  readonly directory: string;
}

/**
 * Finds out what attempts start from, beside their start and without holding it up. Kept in `origin.json`
 * in the attempt's directory too, for the daemon that takes it over.
 */
export class Origins {
  readonly #host: HostRecord;
  readonly #git: GitReader;
  readonly #known = new Map<AttemptId, Promise<Origin>>();

  constructor(host: HostRecord, clock: Clock) {
    this.#host = host;
    this.#git = new GitReader(clock);
  }

  /** Looks at where an attempt starts now, because a person goes on working there meanwhile. */
  begin(attempt: Begun, cwd: string, environment: Readonly<Record<string, string>>): void {
    const found = this.#find(cwd, environment);
    this.#known.set(attempt.id, found);
    void found.then((origin) => keep(attempt, origin));
  }

  /** What it started from; undefined when nobody looked, or nobody could keep it. Answers within seconds. */
  async of(attempt: Begun): Promise<Origin | undefined> {
    return (await this.#known.get(attempt.id)) ?? recall(attempt);
  }

  forget(id: AttemptId): void {
    this.#known.delete(id);
  }

  async #find(cwd: string, environment: Readonly<Record<string, string>>): Promise<Origin> {
    const git = await this.#git.read(cwd);
    return {
      ...(git !== undefined && { git }),
      host: this.#host,
      environment: safeEnvironment(environment),
    };
  }
}

/** Only for a daemon that takes over: a disk that refuses it costs a few facts, and no attempt. */
async function keep({ directory }: Begun, origin: Origin): Promise<void> {
  const options = { mode: 0o600, flag: "wx" };
  const text = `${JSON.stringify(origin)}\n`;
  await writeFile(join(directory, "origin.json"), text, options).catch(() => undefined);
}

async function recall({ directory }: Begun): Promise<Origin | undefined> {
  let origin: Origin | undefined;
  await readOwnLines(join(directory, "origin.json"), (line) => {
    origin ??= readOrigin(line);
  });
  return origin;
}
