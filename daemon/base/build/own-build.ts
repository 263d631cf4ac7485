import { globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isSameBuild, type VersionStamp } from "../../domain/version-stamp.ts";
import { headCommit } from "./git-head.ts";

/** The file that a build leaves beside what it built; packaging/stamp.ts writes it. */
export const stampFile = "stamp.json";

/** A look at the files is good for so long. */
const lookMs = 10_000;
const sources = "{daemon,client}/**/*.{ts,js,sh,sql}";

/** Where this program lies, and what it was made from when it was loaded. */
export class OwnBuild {
  readonly #root: string;
  readonly #isBuilt: boolean;
  readonly #startedAt = Date.now();
  readonly stamp: VersionStamp;
  #whole: Promise<VersionStamp> | undefined;
  #look: { readonly at: number; readonly found: VersionStamp | undefined } | undefined;

  /** `root` has a stamp, or else the package.json of a checkout; files are read, no program is started. */
  constructor(root: string) {
    this.#root = root;
    const built = readManifest(join(root, stampFile));
    this.#isBuilt = built !== undefined;
    this.stamp = built ?? checkoutStamp(root);
  }

  /** The stamp with whether the files differ from their commit, for which a checkout has to ask git. */
  whole(): Promise<VersionStamp> {
    this.#whole ??= this.#askWhole();
    return this.#whole;
  }

  /** What the files on disk are now when they are no longer what was loaded; looked at now and then. */
  movedTo(now = Date.now()): VersionStamp | undefined {
    if (this.#look === undefined || Math.abs(now - this.#look.at) >= lookMs) {
      this.#look = { at: now, found: this.#lookForChange(now) };
    }
    return this.#look.found;
  }

  async #askWhole(): Promise<VersionStamp> {
    if (this.#isBuilt) return this.stamp;
    // Loads what starts programs, which no other call has a use for.
    const { gitStatus } = await import("./git-status.ts");
    const facts = await gitStatus(this.#root);
    // Somewhere in a repository of another thing: that is not our commit.
    if (facts === undefined || this.stamp.commit === undefined) return this.stamp;
    return { ...this.stamp, dirty: facts.isDirty };
  }

  #lookForChange(now: number): VersionStamp | undefined {
    const found = readManifest(join(this.#root, stampFile)) ?? checkoutStamp(this.#root);
    if (!isSameBuild(found, this.stamp)) return found;
    return !this.#isBuilt && this.#isTouched(now) ? { ...found, dirty: true } : undefined;
  }

  #isTouched(now: number): boolean {
    return globSync(sources, { cwd: this.#root }).some((file) => {
      const changedAt = statSync(join(this.#root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
      // One that is younger than the clock says nothing: the clock was set back.
      return changedAt > this.#startedAt && changedAt <= now;
    });
  }
}

/** The nearest place upwards of a file of ours that says what it was made from. */
export function rootOf(moduleUrl: string): string {
  const start = dirname(fileURLToPath(moduleUrl));
  for (let at = start; ; at = dirname(at)) {
    const names = [stampFile, "package.json"];
    if (names.some((name) => readManifest(join(at, name)) !== undefined)) return at;
    if (at === dirname(at)) return start;
  }
}

function checkoutStamp(root: string): VersionStamp {
  const { version = "unknown" } = readManifest(join(root, "package.json")) ?? {};
  const commit = headCommit(root);
  return { version, ...(commit !== undefined && { commit }) };
}

/** Undefined where there is no such file, or none that names a version. */
function readManifest(file: string): VersionStamp | undefined {
  try {
    const read = JSON.parse(readFileSync(file, "utf8")) as Partial<Record<string, unknown>>;
    const { version, commit, dirty } = read;
    if (typeof version !== "string") return undefined;
    return {
      version,
      ...(typeof commit === "string" && { commit }),
      ...(typeof dirty === "boolean" && { dirty }),
    };
  } catch {
    return undefined;
  }
}
