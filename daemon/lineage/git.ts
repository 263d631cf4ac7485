import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { askProgram } from "../base/outside-program.ts";
import type { GitFacts } from "../domain/lineage.ts";

/** A large tree on a slow disk: without an answer by then there is none. */
const bounds = { timeoutMs: 5000, maxBytes: 1024 ** 2 };
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
    const facts = ask(directory);
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

async function ask(directory: string): Promise<GitFacts | undefined> {
  const status = await askProgram(
    [
      "git",
      // A repository may name programs to run; whoever submits from a directory did not ask for them.
      "-c",
      "core.fsmonitor=false",
      "-c",
      "core.hooksPath=/dev/null",
      "--no-optional-locks",
      "status",
      "--porcelain=v2",
      "--branch",
      "--untracked-files=no",
      "--ignore-submodules=all",
      "-z",
    ],
    { ...bounds, cwd: directory, env: gitEnvironment() },
  );
  return status.ok ? readStatus(status.value) : undefined;
}

/** The daemon's own, without what could point git at another repository, and never asking anybody anything. */
function gitEnvironment(): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  return { ...Object.fromEntries(own), GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
}

/** Reads `git status --porcelain=v2 --branch -z`; undefined before the first commit. */
export function readStatus(text: string): GitFacts | undefined {
  const entries = text.split("\0");
  const header = (name: string): string | undefined =>
    entries
      .find((entry) => entry.startsWith(`# branch.${name} `))
      ?.slice(`# branch.${name} `.length);
  const commit = header("oid");
  if (commit === undefined || !/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(commit)) return undefined;
  const branch = header("head");
  const isDirty = entries.some((entry) => /^[12u] /.test(entry));
  return {
    commit,
    ...(branch !== undefined && branch !== "(detached)" && { branch: branch.slice(0, 255) }),
    isDirty,
  };
}
