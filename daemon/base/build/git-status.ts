import type { GitFacts } from "../../domain/lineage.ts";
import { askProgram } from "../outside-program.ts";

/** A large tree on a slow disk: without an answer by then there is none. */
const bounds = { timeoutMs: 5000, maxBytes: 1024 ** 2 };

/** What a directory is in git, asked of the program itself; undefined without a repository, git or an answer. */
export async function gitStatus(directory: string): Promise<GitFacts | undefined> {
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
