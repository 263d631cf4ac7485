import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { gitStatus } from "../base/build/git-status.ts";
import type { GitFacts } from "../domain/lineage.ts";

/** Many steps of one directory start together; their working tree is looked at once. */
const keptMs = 3000;
const mostKept = 256;

/**
 * What a directory is in git, asked of the program itself; undefined where there is no repository, no git,
 * or no answer in time. Answers are kept for seconds, for each directory and state of its head.
 */
export class GitReader {
  readonly #clock: Clock;
  readonly #answers = new Map<string, { at: number; facts: Promise<GitFacts | undefined> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  read(directory: string): Promise<GitFacts | undefined> {
    const repository = repositoryOf(directory);
    if (repository === undefined) return Promise.resolve(undefined);
    const key = `${directory}\0${headStamp(repository)}`;
    const known = this.#answers.get(key);
    const now = this.#clock.monotonic();
    if (known !== undefined && now - known.at < keptMs) return known.facts;
    const facts = gitStatus(directory);
    this.#answers.delete(key);
    this.#answers.set(key, { at: now, facts });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > mostKept && oldest !== undefined) this.#answers.delete(oldest);
    return facts;
  }
}

/** The nearest directory upwards that has a `.git`; no program is started where there is none. */
function repositoryOf(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at;
    if (at === dirname(at)) return undefined;
  }
}

/** Changes with every commit and checkout; constant in a worktree, whose answers only grow old. */
function headStamp(repository: string): string {
  const stamp = (name: string): number =>
    statSync(join(repository, ".git", name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  try {
    return [stamp("HEAD"), stamp("index"), stamp("logs/HEAD")].join();
  } catch {
    return "";
  }
}
