import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { randomUUID } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Artifact, TreeEntry } from "../domain/artifact.ts";
import type { Failure } from "../domain/failure.ts";
import type { Output } from "../domain/plan.ts";
import type { Result } from "../domain/result.ts";
import type { Listing } from "./jobs.ts";
import { Place } from "./place.ts";
import type { Urgency, WorkPool } from "./work-pool.ts";

/** What is made and not yet on record is left alone for so long: whoever made it is about to say so. */
const freshMs = 3_600_000;

/**
 * The content of every artifact, in a directory of its own. Each is a whole tree, read-only, given its
 * name when everything in it is on disk. Files of equal content are one file with several names, so the
 * file system itself counts who still needs it.
 *
 *     output directory --link--> tmp/<one>  --rename--> kept/<digest>
 *                         \--> blobs/<digest of the file>
 */
export class ArtifactStore {
  readonly place: Place;
  readonly #pool: WorkPool;
  readonly #clock: Clock;
  /** When this daemon made what may not be on record yet. */
  readonly #fresh = new Map<string, number>();

  /** `directory` is there and private. */
  constructor(directory: string, pool: WorkPool, clock: Clock) {
    this.place = new Place(directory);
    this.#pool = pool;
    this.#clock = clock;
    for (const made of [this.place.blobs, this.place.kept, this.place.published]) {
      mkdirSync(made, { recursive: true, mode: 0o700 });
    }
    this.#clear();
  }

  /**
   * Makes an artifact of what a step left in its output directory. That directory stays, read-only, so
   * that it can be done again after a crash; see {@link discard}. `bad-output` names a file that must be
   * there and is not, a link that leads out of it, or that there is nothing at all.
   */
  keep(outDir: string, output: Pick<Output, "files">): Promise<Result<Artifact, Failure>> {
    const { directory } = this.place;
    const { files } = output;
    return this.#make(() => this.#pool.do("keep", { directory, outDir, files }), itself);
  }

  /** A list of artifacts as one, by these names, without a copy of anything. */
  gather(
    entries: readonly { readonly name: string; readonly digest: string }[],
  ): Promise<Result<Artifact, Failure>> {
    const { directory } = this.place;
    return this.#make(() => this.#pool.do("gather", { directory, entries }), itself);
  }

  /**
   * The entries of an artifact that is a tree, by name, each kept as an artifact of its own: what a mapped
   * step is fanned out over.
   */
  entries(digest: string): Promise<Result<readonly TreeEntry[], Failure>> {
    const { directory } = this.place;
    return this.#make(
      () => this.#pool.do("unfold", { directory, digest }),
      (entries) => entries,
    );
  }

  /** What is in an artifact, to look at. */
  list(digest: string): Promise<Result<Listing, Failure>> {
    return this.#pool.do("list", { directory: this.place.directory, digest });
  }

  /** The file or directory that the artifact is. */
  pathOf(digest: string): string {
    return this.place.contentOf(digest);
  }

  has(digest: string): boolean {
    return existsSync(this.place.manifestOf(digest));
  }

  /**
   * Puts a copy at an absolute path outside: in a free place, or in the place of what was put there
   * earlier and is still as it was; anything else there is `bad-output` and stays.
   */
  publish(digest: string, path: string): Promise<Result<undefined, Failure>> {
    return this.#pool.do("publish", { directory: this.place.directory, digest, path });
  }

  /** Removes an output directory whose artifact is on record, or one that nobody needs. */
  discard(outDir: string): Promise<Result<undefined, Failure>> {
    return this.#pool.do("remove", { paths: [outDir] });
  }

  /**
   * Takes an artifact out of the store at once; what is left of it is removed in the background. Only when
   * it is off record, and {@link isFresh} says no, in the same turn of the event loop.
   */
  remove(digest: string, urgency: Urgency = "upkeep"): Promise<Result<undefined, Failure>> {
    this.#fresh.delete(digest);
    const away = this.place.spare();
    if (existsSync(this.place.of(digest))) renameSync(this.place.of(digest), away);
    return this.#pool.do("remove", { paths: [away] }, { urgency });
  }

  /**
   * Whether this daemon made it or found it made, and has not put it on record since: `lastUsedAt` is of
   * its row, where it has one.
   */
  isFresh(digest: string, lastUsedAt = -Infinity): boolean {
    const madeAt = this.#fresh.get(digest);
    if (madeAt === undefined) return false;
    if (madeAt > lastUsedAt && this.#now() - madeAt < freshMs) return true;
    this.#fresh.delete(digest);
    return false;
  }

  /**
   * Has artifacts made, those that `madeIn` finds in the answer. One may have been pruned in the moment
   * between its making and our hearing of it.
   */
  async #make<T>(
    order: () => Promise<Result<T, Failure>>,
    madeIn: (value: T) => readonly { readonly digest: string }[],
  ): Promise<Result<T, Failure>> {
    for (;;) {
      const made = await order();
      if (!made.ok) return made;
      const artifacts = madeIn(made.value);
      if (!artifacts.every(({ digest }) => this.has(digest))) continue;
      for (const { digest } of artifacts) this.#fresh.set(digest, this.#now());
      return made;
    }
  }

  /** What was under way when a daemon died is of no use; it is removed in the background. */
  #clear(): void {
    const { temporary, directory } = this.place;
    const left = `${directory}/left-${randomUUID()}`;
    if (existsSync(temporary) && readdirSync(temporary).length > 0) renameSync(temporary, left);
    mkdirSync(temporary, { recursive: true, mode: 0o700 });
    const paths = readdirSync(directory)
      .filter((name) => name.startsWith("left-"))
      .map((name) => `${directory}/${name}`);
    if (paths.length > 0) void this.#pool.do("remove", { paths }, { urgency: "upkeep" });
  }

  #now(): number {
    return this.#clock.now();
  }
}

function itself(artifact: Artifact): readonly Artifact[] {
  return [artifact];
}
