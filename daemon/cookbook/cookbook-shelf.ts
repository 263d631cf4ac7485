import { statSync } from "node:fs";
import { ok, type Result } from "../domain/result.ts";
import { filesIn } from "../planning/recipe/files.ts";
import type { CookbookFailure } from "./complaint.ts";
import type { CookbookHost } from "./cookbook-host.ts";
import type { Registry } from "./registry.ts";

/** What a cookbook's file offers, or why it cannot be used. */
export interface Shelved {
  /** Absolute path. */
  readonly file: string;
  readonly registry: Result<Registry, CookbookFailure>;
}

interface Kept {
  readonly stamp: string;
  readonly registry: Registry;
}

/** The cookbooks of the recipe directory. One whose files have not changed is not loaded again. */
export class CookbookShelf {
  /** The recipe directory, where there is one. */
  readonly directory: string | undefined;
  readonly #host: CookbookHost;
  readonly #kept = new Map<string, Kept>();

  constructor(directory: string | undefined, host: CookbookHost) {
    this.directory = directory;
    this.#host = host;
  }

  /** Every cookbook of the directory, by its file's name. */
  async all(): Promise<readonly Shelved[]> {
    const shelved: Shelved[] = [];
    // One after the other: each takes a process with half a gibibyte at most.
    for (const file of filesIn(this.directory, ".ts")) {
      shelved.push({ file, registry: await this.registry(file) });
    }
    return shelved;
  }

  /** What the cookbook at `file` (absolute) offers. */
  async registry(file: string): Promise<Result<Registry, CookbookFailure>> {
    const kept = this.#kept.get(file);
    if (kept !== undefined && stampOf(kept.registry.sources) === kept.stamp) {
      return ok(kept.registry);
    }
    const loaded = await this.#host.registry(file);
    this.#kept.delete(file);
    if (loaded.ok) {
      const stamp = stampOf(loaded.value.sources);
      this.#kept.set(file, { stamp, registry: loaded.value });
    }
    return loaded;
  }
}

/** Changes when one of the files does. */
function stampOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const facts = statSync(file, { bigint: true, throwIfNoEntry: false });
      return facts === undefined ? "gone" : `${facts.ino}:${facts.size}:${facts.mtimeNs}`;
    })
    .join(" ");
}
